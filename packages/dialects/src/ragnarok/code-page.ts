import iconv from "iconv-lite";

/**
 * Ragnarok clients write text in the code page of the player's system, and do not send the name of the code
 * page. In all these code pages, the bytes up to 0x7f are ASCII. No other character contains 0x7f or a byte
 * below 0x20.
 */

/**
 * The keys are the names that browsers use, and the values are the names in iconv-lite. `own` means that this
 * file implements the code page.
 */
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
  /** Decodes the bytes. Bytes that are no characters become U+FFFD or a C1 control character. */
  read(bytes: Uint8Array): string;
  /** Encodes the text. Characters that the code page lacks become `?`. */
  bytesOf(text: string): Uint8Array;
}

/**
 * Windows-1252 as browsers define it. Each byte is a character, so text in a different code page passes
 * through unchanged. This list is for the bytes 0x80 to 0x9f. All other bytes have the same numbers as their
 * characters.
 */
const from80 = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ";
const characters = Array.from({ length: 256 }, (_, byte) => from80[byte - 0x80] ?? String.fromCharCode(byte));
const byteOf = new Map(characters.map((character, byte) => [character, byte]));
const questionMark = 0x3f;

const western: CodePage = {
  read: (bytes) => Array.from(bytes, (byte) => characters[byte]).join(""),
  bytesOf: (text) => Uint8Array.from(text, (character) => byteOf.get(character) ?? questionMark),
};

/**
 * A code page of iconv-lite. Without the replacement below, iconv-lite would write two `?` for a character
 * above U+FFFF.
 */
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

/** Name fields have 24 bytes. The last byte is a NUL. */
const shownNameBytesMax = 23;

/** True if players with this code page can read and type the name. */
export function isShownName(name: string, codePage: CodePage): boolean {
  const bytes = codePage.bytesOf(name);
  return bytes.length <= shownNameBytesMax && codePage.read(bytes) === name;
}

export const usualCodePage: CodePageName = "windows-1252";

/** Returns the bytes before the first NUL. Returns all bytes if there is no NUL. */
export function beforeNul(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0);
  return end === -1 ? bytes : bytes.subarray(0, end);
}

/**
 * Encodes the text up to its first NUL. Returns at most `bytesMax` bytes, and never a part of a character.
 */
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
