/* How answers are laid out for people. */

export const paragraphs = (...parts: readonly string[]): string =>
  `${parts.filter((part) => part !== "").join("\n\n")}\n`;

/** What a process cannot see. */
export const notes = (unseen: readonly string[]): string =>
  unseen.map((each) => `Not seen: ${each}`).join("\n");

export const orDash = (text: string | null): string => (text === null || text === "" ? "-" : text);
