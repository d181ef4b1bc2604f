/*
 * Clients of this family write one byte a character, in whatever code page their players have. Windows-1252, as
 * browsers define it, gives each of the 256 bytes a character of its own: western text reads right everywhere, and text
 * of any other code page goes from one such client to the next without losing a byte.
 */

/** 0x80 to 0x9f; all others are their own code points. Node 20's `TextDecoder` takes these for controls. */
const from80 = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ";
const characters = Array.from({ length: 256 }, (_, byte) => from80[byte - 0x80] ?? String.fromCharCode(byte));
const byteOf = new Map(characters.map((character, byte) => [character, byte]));
const questionMark = 0x3f;

/** The text up to the first NUL, or to the end of the bytes. */
export function readClientText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return Array.from(end === -1 ? bytes : bytes.subarray(0, end), (byte) => characters[byte]).join("");
}

/** Ends before the first NUL; `?` stands for what the code page lacks. */
export function clientTextBytes(text: string): Uint8Array {
  const bytes = Array.from(text, (character) => byteOf.get(character) ?? questionMark);
  const end = bytes.indexOf(0);
  return Uint8Array.from(end === -1 ? bytes : bytes.slice(0, end));
}
