import { columnsOf, printable } from "@sallyport/command-line";

/* How answers are laid out for people. */

/** Each column is as wide as its widest cell. Two spaces separate columns. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows].map((row) => row.map(printable));
  const widths = head.map((_, column) => Math.max(...all.map((row) => columnsOf(row[column] ?? ""))));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell + " ".repeat((widths[column] ?? 0) - columnsOf(cell)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

export const paragraphs = (...parts: readonly string[]): string =>
  `${parts.filter((part) => part !== "").join("\n\n")}\n`;

/** What a process cannot see. */
export const notes = (unseen: readonly string[]): string =>
  unseen.map((each) => `Not seen: ${each}`).join("\n");

export const orDash = (text: string | null): string => (text === null || text === "" ? "-" : text);
