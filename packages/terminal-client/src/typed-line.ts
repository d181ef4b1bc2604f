import type { Command } from "./state.ts";

/** A line that starts like this sends a command of the game: `/send NAME JSON`. */
const sendWord = "/send";

/** Null if the JSON after the name cannot be read. All other lines are chat. */
export function commandOf(text: string): Command | null {
  const [word, name, ...rest] = text.split(/\s+/);
  if (word !== sendWord || name === undefined) return { type: "say", text };
  const json = rest.join(" ");
  try {
    return { type: "send", name, input: json === "" ? {} : JSON.parse(json) };
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Values of a game as text. Bytes have no JSON. */
export const shownValue = (value: unknown): string =>
  JSON.stringify(value, (_, part) => (part instanceof Uint8Array ? `${part.length} bytes` : part)) ?? "";
