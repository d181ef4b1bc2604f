export const languages = ["en", "de"] as const;
export type Language = (typeof languages)[number];

export const languageNames: Readonly<Record<Language, string>> = { en: "English", de: "Deutsch" };

const isLanguage = (text: string): text is Language => (languages as readonly string[]).includes(text);

/** Picks the first language that the page has. `wanted` has tags like `de-AT`, the most wanted first. */
export function pickLanguage(wanted: readonly string[]): Language {
  const known = wanted.map((tag) => tag.toLowerCase().split("-")[0] ?? "").find(isLanguage);
  return known ?? "en";
}
