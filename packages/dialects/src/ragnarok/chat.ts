import { cleanChat, type Spoken } from "@sallyport/domain";
import { type CodePage, clientTextBytes } from "./code-page.ts";
import { dialectName } from "./next-door.ts";

/** What native clients take in one line, in UTF-16 units. */
const wordsMax = 256;
/** Clients of this family hold a line in so many bytes, its end included. */
const lineMax = 255;

const between = Uint8Array.from(" : ", (character) => character.charCodeAt(0));

/** A client sends its line with the name that it claims, as it was told it; null: not in its own name. */
export function ownWords(line: Uint8Array, name: Uint8Array): Uint8Array | null {
  const start = joined(name, between);
  return start.every((byte, i) => line[i] === byte) ? line.slice(start.length) : null;
}

/** Where the text alone would not give back the bytes, they go along for other clients of this family. */
export function spokenOf(words: Uint8Array, codePage: CodePage): Spoken {
  const text = cleaned(codePage.read(words));
  const isSame = codePage.bytesOf(text).every((byte, i) => words[i] === byte);
  return isSame ? { text } : { text, original: { dialect: dialectName, bytes: words.slice(0, lineMax) } };
}

/**
 * Bytes that are no character in this code page, or one that nobody may say, may be a letter in the player's. Here they are
 * none: the whole line would be refused. C0 and DEL are control characters in every code page, and stay.
 */
function cleaned(text: string): string {
  const clean = text.replaceAll(/[^\u0000-\u001f\u007f]+/g, cleanChat);
  // Not between the halves of a character.
  return clean.slice(0, wordsMax).replace(/[\ud800-\udbff]$/, "");
}

export function shownLine(name: Uint8Array, { text, original }: Spoken, codePage: CodePage): Uint8Array {
  const start = joined(name, between);
  const room = lineMax - start.length;
  if (original?.dialect === dialectName) return joined(start, original.bytes.subarray(0, room));
  return joined(start, clientTextBytes(text, codePage, room));
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
