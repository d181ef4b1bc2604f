import { cleanChat, type Spoken } from "@sallyport/domain";
import { type CodePage, clientTextBytes } from "./code-page.ts";
import { dialectName } from "./next-door.ts";

/** The longest line that native clients accept, in UTF-16 units. */
const wordsMax = 256;
/** The longest line of Ragnarok clients, in bytes, with the NUL at its end. */
const lineMax = 255;

const between = Uint8Array.from(" : ", (character) => character.charCodeAt(0));

/**
 * A client sends its line after the name that it claims, in the bytes in which the server sent that name;
 * null: the name is not its own.
 */
export function ownWords(line: Uint8Array, name: Uint8Array): Uint8Array | null {
  const start = joined(name, between);
  return start.every((byte, i) => line[i] === byte) ? line.slice(start.length) : null;
}

/**
 * If the text does not encode to the same bytes again, the bytes are passed on too, for other Ragnarok
 * clients.
 */
export function spokenOf(words: Uint8Array, codePage: CodePage): Spoken {
  const text = cleaned(codePage.read(words));
  const isSame = codePage.bytesOf(text).every((byte, i) => words[i] === byte);
  return isSame ? { text } : { text, original: { dialect: dialectName, bytes: words.slice(0, lineMax) } };
}

/**
 * Removes bytes that are no character in this code page, or a character that chat does not allow. Such bytes
 * may be letters in the player's code page, and the server would refuse the whole line for them. C0 and DEL
 * are control characters in every code page, and stay.
 */
function cleaned(text: string): string {
  const clean = text.replaceAll(/[^\u0000-\u001f\u007f]+/g, cleanChat);
  // Do not cut between the halves of a surrogate pair.
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
