import { cleanChat, type Spoken } from "@sallyport/domain";
import { type CodePage, clientTextBytes } from "./code-page.ts";
import { dialectName } from "./next-door.ts";

/** Maximum length of a chat text from native clients, in UTF-16 units. */
const wordsMax = 256;
/** Maximum length of a chat line from Ragnarok clients, in bytes. The NUL at the end is included. */
const lineMax = 255;

const between = Uint8Array.from(" : ", (character) => character.charCodeAt(0));

/**
 * Removes the speaker's name from a chat line. Returns null if the line does not begin with the bytes of the
 * speaker's name.
 */
export function ownWords(line: Uint8Array, name: Uint8Array): Uint8Array | null {
  const start = joined(name, between);
  return start.every((byte, i) => line[i] === byte) ? line.slice(start.length) : null;
}

/**
 * Returns the text of a chat line. If the text does not encode to the same bytes again, the original bytes
 * are kept for other Ragnarok clients.
 */
export function spokenOf(words: Uint8Array, codePage: CodePage): Spoken {
  const text = cleaned(codePage.read(words));
  const isSame = codePage.bytesOf(text).every((byte, i) => words[i] === byte);
  return isSame ? { text } : { text, original: { dialect: dialectName, bytes: words.slice(0, lineMax) } };
}

/**
 * Removes two things. 1: characters that chat does not allow. 2: bytes that are no characters in this code
 * page. Such bytes can be letters in the player's code page, and the server would refuse the whole line
 * because of them. C0 and DEL stay, because they are control characters in every code page.
 */
function cleaned(text: string): string {
  const clean = text.replaceAll(/[^\u0000-\u001f\u007f]+/g, cleanChat);
  // The cut must not leave one half of a surrogate pair.
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
