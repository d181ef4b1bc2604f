import { charColumns, columnsOf } from "@sallyport/command-line";

/** As much of the beginning as fits. */
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

/** As much of the end as fits: where somebody types is always seen. */
export function clipStart(text: string, columnsMax: number): string {
  const chars = [...text];
  while (columnsOf(chars.join("")) > columnsMax) chars.shift();
  return chars.join("");
}

/** Exactly so many columns. */
export const fit = (text: string, columns: number): string => {
  const clipped = clip(text, columns);
  return clipped + " ".repeat(columns - columnsOf(clipped));
};

/** Lines of at most so many columns, broken between words where there are any. */
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
      // At least one letter a row, however narrow it is.
      const head = clip(current, Math.max(2, columnsMax));
      lines.push(head);
      current = current.slice(head.length);
    }
  }
  return [...lines, current];
}
