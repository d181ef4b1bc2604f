import { charColumns, columnsOf } from "@sallyport/command-line";

/** Cuts off the end of a text that is too wide. */
export function clip(text: string, columnsMax: number): string {
  let columns = 0;
  let clipped = "";
  for (const char of text) {
    columns += charColumns(char);
    if (columns > columnsMax) break;
    clipped += char;
  }
  return clipped;
}

/** Cuts off the beginning of a text that is too wide, so that the place of typing stays visible. */
export function clipStart(text: string, columnsMax: number): string {
  const chars = [...text];
  while (columnsOf(chars.join("")) > columnsMax) chars.shift();
  return chars.join("");
}

/** Cuts or pads a text to exactly this many columns. */
export const fit = (text: string, columns: number): string => {
  const clipped = clip(text, columns);
  return clipped + " ".repeat(columns - columnsOf(clipped));
};

/** Breaks a text into lines, between words if possible. */
export function wrap(text: string, columnsMax: number): string[] {
  const lines: string[] = [];
  let current = "";
  for (const word of text.split(" ")) {
    const longer = current === "" ? word : `${current} ${word}`;
    if (columnsOf(longer) <= columnsMax) {
      current = longer;
      continue;
    }
    if (current !== "") lines.push(current);
    current = word;
    while (columnsOf(current) > columnsMax) {
      // Put at least one letter in each row, even if it is wider than the row.
      const head = clip(current, Math.max(2, columnsMax));
      lines.push(head);
      current = current.slice(head.length);
    }
  }
  return [...lines, current];
}
