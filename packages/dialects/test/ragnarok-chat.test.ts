import { cleanChat } from "@sallyport/domain";
import fc from "fast-check";
import iconv from "iconv-lite";
import { describe, expect, test } from "vitest";
import type { CodePageName } from "../src/ragnarok/index.ts";
import { hexOf } from "./ragnarok-bytes.ts";
import { bob, bobId, bobIds, entered, playing } from "./ragnarok-on-map.ts";

const hexText = (bytes: Uint8Array): string => hexOf(bytes);
const ascii = (text: string): string => hexText(Buffer.from(text, "latin1"));
const packet = (opcode: string, body: string): string => {
  const length = Buffer.alloc(2);
  length.writeUInt16LE(4 + body.length / 2);
  return `${opcode}${length.toString("hex")}${body}`;
};

/** Returns the command that the server gets when a client with this code page says these words. */
function said(words: Uint8Array, codePage: CodePageName = "windows-1252") {
  const client = playing({ codePage });
  const [command] = client.says(packet("f300", `${ascii("TestChar : ")}${hexText(words)}00`));
  if (command?.type !== "map.say") throw new Error("nothing was said");
  const { type: _, ...spoken } = command;
  return spoken;
}

/** Returns the words that another client gets from Bob. */
function heard(spoken: ReturnType<typeof said>, codePage: CodePageName = "windows-1252"): string {
  const client = playing({ codePage });
  client.isTold({ type: "actor.appeared", ...bob });
  client.hears();
  client.isTold({ type: "actor.said", ...bobIds, name: "Bob", ...spoken });
  const line = client.hears();
  const [before, after] = [line.slice(0, 4), line.slice(8)];
  expect(before).toBe("8d00");
  expect(after.startsWith(`${bobId}${ascii("Bob : ")}`)).toBe(true);
  return after.slice(`${bobId}${ascii("Bob : ")}`.length);
}

/** The map door and native clients accept texts that are short enough and contain no control sequences. */
const isClean = (text: string): boolean => cleanChat(text) === text && text.length <= 256;

const sentences = [
  ["shift_jis", "cp932", "こんにちは。元気ですか。"],
  ["gbk", "cp936", "你好，我在这里等你。"],
  ["big5", "cp950", "你好，我在這裡等你。"],
  ["euc-kr", "cp949", "안녕하세요. 똠방각하"],
  ["windows-1251", "windows1251", "Ђак, Џак, ђак, ќе, џеп"],
] as const;

describe.each(sentences)("a line in %s", (codePage, encoding, sentence) => {
  const bytes = iconv.encode(sentence, encoding);

  test("passes unchanged between such clients, whatever code page the server is set to", () => {
    for (const told of ["windows-1252", codePage] as const) {
      expect(heard(said(bytes, told), told)).toBe(`${hexText(bytes)}00`);
    }
  });

  test("is readable for native clients if the server is set to that code page", () => {
    expect(said(bytes, codePage).text).toBe(sentence);
  });

  test("is clean text for native clients if it is not", () => {
    expect(isClean(said(bytes).text)).toBe(true);
  });

  test("from a native client is written in that code page", () => {
    expect(heard({ text: sentence }, codePage)).toBe(`${hexText(bytes)}00`);
  });
});

test("a byte that would turn or hide text, and is no letter of this code page, is removed only for native clients", () => {
  const words = Uint8Array.of(0x61, 0xad, 0x62);
  const spoken = said(words);
  expect(spoken.text).toBe("a\ufffdb");
  expect(heard(spoken)).toBe("61ad6200");
});

const letter = fc.integer({ min: 0x20, max: 0xff }).filter((byte) => byte !== 0x7f);
const anyPage = fc.constantFrom<CodePageName>(
  "windows-1252",
  "windows-1251",
  "shift_jis",
  "gbk",
  "big5",
  "euc-kr",
);

test("any bytes except control characters pass unchanged between such clients, and are clean text elsewhere", () => {
  fc.assert(
    fc.property(fc.array(letter, { minLength: 1, maxLength: 200 }), anyPage, (bytes, codePage) => {
      const words = Uint8Array.from(bytes);
      const spoken = said(words, codePage);
      expect(heard(spoken, codePage)).toBe(`${hexText(words)}00`);
      expect(isClean(spoken.text)).toBe(true);
    }),
  );
});

test.each(["\x01", "\n", "\x1b[2J", "\x7f"])(
  "a control character is kept, and the server refuses it: %j",
  (control) => {
    expect(said(Buffer.from(`a${control}`)).text).toBe(`a${control}`);
  },
);

test("chat in the bytes of another family of clients is written from its text", () => {
  const original = { dialect: "another", bytes: Uint8Array.of(0xff) };
  expect(heard({ text: "é", original })).toBe("e900");
});

test("a client can speak only in its own name, as the client was told it", () => {
  const client = playing({ codePage: "euc-kr" }, { ...entered, name: "홍길동" });
  const name = hexText(iconv.encode("홍길동", "cp949"));
  const colon = ascii(" : hi");
  expect(client.says(packet("f300", `${name}${colon}00`))).toEqual([{ type: "map.say", text: "hi" }]);
  expect(client.says(packet("f300", `${name.slice(0, -4)}${colon}00`))).toEqual([]);
  expect(client.says(packet("f300", `${ascii("???")}${colon}00`))).toEqual([]);
});

test("a line that is too long for such clients is cut between two characters", () => {
  const text = "한".repeat(200);
  const bytes = heard({ text }, "euc-kr");
  expect(bytes).toBe(`${hexText(iconv.encode("한".repeat(124), "cp949"))}00`);
});
