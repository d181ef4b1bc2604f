/** The text for a word of a game. Null if the table has no such word. */
export const known = (table: Readonly<Record<string, string>>, word: string): string | null =>
  Object.hasOwn(table, word) ? (table[word] ?? null) : null;
