import { type Language, languages } from "../language.ts";

/* What the page keeps for the next visit. None of it is secret. */

interface Remembered {
  readonly language: Language;
  readonly accountName: string;
}

const key = "sallyport";

/** Returns what an earlier visit has kept. A browser that keeps nothing is fine, too. */
export function recall(): Partial<Remembered> {
  try {
    const { language, accountName } = JSON.parse(localStorage.getItem(key) ?? "{}") as Partial<Remembered>;
    const known = languages.find((each) => each === language);
    return {
      ...(known === undefined ? {} : { language: known }),
      ...(typeof accountName === "string" ? { accountName } : {}),
    };
  } catch {
    return {};
  }
}

export function remember({ language, accountName }: Remembered): void {
  try {
    localStorage.setItem(key, JSON.stringify({ language, accountName }));
  } catch (error) {
    // Some browsers refuse this in private windows. The next visit then begins without a name.
    console.warn("the name is not kept", error);
  }
}
