import type { Key, KeyName } from "./keys.ts";

export const isNamed = (key: Key, name: KeyName): boolean => key.type === "named" && key.name === name;

/** Returns the new choice in a list. Null if the key does not move the choice. */
export function moved(key: Key, chosen: number, count: number): number | null {
  const down = isNamed(key, "down") || isNamed(key, "tab") || (key.type === "text" && key.text === "j");
  const up = isNamed(key, "up") || (key.type === "text" && key.text === "k");
  if (count === 0 || (!down && !up)) return null;
  return (chosen + (down ? 1 : count - 1)) % count;
}

/** Returns the new text. Null if the key does not edit a text. */
export function edited(key: Key, text: string, charsMax: number): string | null {
  if (isNamed(key, "backspace")) return [...text].slice(0, -1).join("");
  if (key.type !== "text") return null;
  return [...text, ...key.text].length > charsMax ? text : text + key.text;
}
