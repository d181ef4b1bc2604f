import iconv from "iconv-lite";

/*
 * Clients of this family write text in the code page that their players have, and say nowhere which that is. In all of
 * them bytes up to 0x7f are ASCII, and no character holds a byte below 0x20 or 0x7f.
 */

/** By the names that browsers have for them, with those of the library. */
const encodings = {
  "windows-1252": "own",
  "windows-1250": "windows1250",
  "windows-1251": "windows1251",
  "windows-1253": "windows1253",
  "windows-1254": "windows1254",
  "windows-1257": "windows1257",
  "windows-874": "windows874",
  shift_jis: "cp932",
  gbk: "cp936",
  big5: "cp950",
  "euc-kr": "cp949",
} as const;

export type CodePageName = keyof typeof encodings;
export const codePageNames = Object.keys(encodings) as readonly CodePageName[];

export interface CodePage {
  /** U+FFFD, or a C1 control character, stands for what is no character. */
  read(bytes: Uint8Array): string;
  /** `?` stands for a character that the code page lacks. */
  bytesOf(text: string): Uint8Array;
}

/**
 * Windows-1252 as browsers define it: each of the 256 bytes is a character of its own, so text of any other code page
 * goes there and back without losing a byte. 0x80 to 0x9f; all others are their own code points.
 */
const from80 = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ";
const characters = Array.from({ length: 256 }, (_, byte) => from80[byte - 0x80] ?? String.fromCharCode(byte));
const byteOf = new Map(characters.map((character, byte) => [character, byte]));
const questionMark = 0x3f;

const western: CodePage = {
  read: (bytes) => Array.from(bytes, (byte) => characters[byte]).join(""),
  bytesOf: (text) => Uint8Array.from(text, (character) => byteOf.get(character) ?? questionMark),
};

/** The library counts a character beyond the first 65,536 as two that are lacking. */
const byLibrary = (encoding: string): CodePage => ({
  read: (bytes) => iconv.decode(bytes, encoding, { stripBOM: false }),
  bytesOf: (text) => iconv.encode(text.replaceAll(/[\u{10000}-\u{10ffff}]/gu, "?"), encoding),
});

export const codePages = Object.fromEntries(
  Object.entries(encodings).map(([name, encoding]) => [
    name,
    encoding === "own" ? western : byLibrary(encoding),
  ]),
) as { readonly [N in CodePageName]: CodePage };

/** Of a name in a field that holds a NUL after it. */
const shownNameBytesMax = 23;

/** Whether clients on this code page can be shown the name, and type it. */
export function isShownName(name: string, codePage: CodePage): boolean {
  const bytes = codePage.bytesOf(name);
  return bytes.length <= shownNameBytesMax && codePage.read(bytes) === name;
}

export const usualCodePage: CodePageName = "windows-1252";

/** The bytes up to the first NUL, or all. */
export function beforeNul(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0);
  return end === -1 ? bytes : bytes.subarray(0, end);
}

/** Of the text up to its first NUL as many whole characters as fit. */
export function clientTextBytes(text: string, codePage: CodePage, bytesMax: number): Uint8Array {
  const bytes = beforeNul(codePage.bytesOf(text));
  if (bytes.length <= bytesMax) return bytes;
  let fitting = 0;
  let end = 0;
  for (const character of text) {
    fitting += codePage.bytesOf(character).length;
    if (fitting > bytesMax) break;
    end = fitting;
  }
  return bytes.subarray(0, end);
}
