import { charColumns, columnsOf } from "@sallyport/command-line";

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

/** Cuts off the beginning of a text that is too wide, so that the end stays visible. */
export function clipStart(text: string, columnsMax: number): string {
  const chars = [...text];
  while (columnsOf(chars.join("")) > columnsMax) chars.shift();
  return chars.join("");
}

export const fit = (text: string, columns: number): string => {
  const clipped = clip(text, columns);
  return clipped + " ".repeat(columns - columnsOf(clipped));
};

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
      // At least two columns, because a wide letter must fit. Otherwise this loop would not end.
      const head = clip(current, Math.max(2, columnsMax));
      lines.push(head);
      current = current.slice(head.length);
    }
  }
  return [...lines, current];
}
