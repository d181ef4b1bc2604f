/** What native clients take in one line. */
const wordsMax = 256;
/** Clients of this family hold a line in so many bytes, its end included. */
const lineMax = 255;

const between = " : ";

/** A client sends its line with the name that it claims; null: not in its own name. */
export function ownWords(line: string, name: string): string | null {
  const start = `${name}${between}`;
  return line.startsWith(start) ? line.slice(start.length, start.length + wordsMax) : null;
}

export function shownLine(name: string, text: string): string {
  return [...`${name}${between}${text}`].slice(0, lineMax).join("");
}
