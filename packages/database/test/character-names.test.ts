import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CharacterNameKind, characterNameKinds, characterNames } from "../src/index.ts";

const nameOf = (kind: CharacterNameKind, typed: string) => characterNames(kind).read(typed)?.name ?? null;
const skeletonsOf = (typed: string) => characterNames("unicode").read(typed)?.skeletons ?? [];
const lookAlike = (a: string, b: string) =>
  skeletonsOf(a).some((skeleton) => skeletonsOf(b).includes(skeleton));

const turnsOrHides = [
  ...[0x61c, 0x200e, 0x200f, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069],
  ...[0xad, 0x34f, 0x115f, 0x17b4, 0x180e, 0x200b, 0x200c, 0x200d, 0x2028, 0x2029, 0x2060, 0x2064, 0x206a],
  ...[0x3164, 0xfe0f, 0xfeff, 0xffa0, 0xfff9, 0x1d173, 0xe0001, 0xe0041, 0xe0100],
].map((codePoint) => String.fromCodePoint(codePoint));

test.each(characterNameKinds)("a %s name has no character that turns or hides text", (kind) => {
  for (const around of [
    ["Ad", "min"],
    ["שלו", "ם"],
    ["क", "षमत"],
    ["桜木", "花道"],
  ] as const) {
    const [before, after] = around;
    const typed = turnsOrHides.flatMap((mark) => [
      before + mark + after,
      mark + before + after,
      before + after + mark,
    ]);
    expect(typed.filter((name) => nameOf(kind, name) !== null)).toEqual([]);
  }
});

describe("a plain name of a character", () => {
  test.each(["abc", "Under_score", "0123456789abcdefghij"])("may be %j", (name) => {
    expect(characterNames().read(name)).toEqual({ name, skeletons: [] });
  });
  test.each(["", "ab", "0123456789abcdefghijk", "a b", "naïve", "a-b-c", "abc\n", "аbc"])(
    "may not be %j",
    (name) => {
      expect(nameOf("plain", name)).toBeNull();
    },
  );
});

describe("a name with spaces", () => {
  test.each(["Ada Lovelace", "a b", "A_1 of 3", "0123456789 0123456789ab"])("may be %j", (name) => {
    expect(characterNames("blanks").read(name)).toEqual({ name, skeletons: [] });
  });
  test.each([
    " Ada",
    "Ada ",
    "Ada  Lovelace",
    "   ",
    "a\u00a0b",
    "a\tb",
    "0123456789 0123456789abc",
    "naïve",
  ])("may not be %j", (name) => {
    expect(nameOf("blanks", name)).toBeNull();
  });
});

describe("a name of any alphabet", () => {
  test.each([
    ...["Ada Lovelace", "Ünïcødé", "Łukasz", "Đorđe", "Ñandú", "İpek"],
    ...["Анна Каренина", "Їжак", "Ωμέγα", "Հայկ", "ქეთევანი", "דוד המלך", "فاطمة", "گلناز"],
    ...["सीता देवी", "বাংলা", "தமிழ்", "ሰላም ለኪ", "မြန်မာ", "ខ្មែរ", "ລາວໃຈ", "สมชาย ใจดี"],
    ...["ナルト", "桜木花道", "さくら99", "山田 Taro", "김철수", "김 Kim", "王小明", "诸葛亮_01"],
    "𠀀𠀁𠀂".normalize("NFKC"),
    "桜".repeat(23),
    "𠀀".repeat(23),
  ])("may be %s", (name) => {
    expect(nameOf("unicode", name)).toBe(name.normalize("NFKC"));
  });

  test.each([
    ["too short", "桜木"],
    ["too long", "桜".repeat(24)],
    ["empty", ""],
    ["of two alphabets", "Pаypal"],
    ["of Latin and Greek", "Aλpha"],
    ["of Hangul and Kana", "김さくら"],
    ["with a stray blank", " Анна"],
    ["with two blanks", "Анна  К"],
    ["with another blank", "Анна\u2003\u2003К"],
    ["with a sign", "Анна!"],
    ["with an emoji", "Анна🙂"],
    ["with a hidden character", "Ан\u200dна"],
    ["with a mark that turns text", "Ан\u202eна"],
    ["of hidden letters", "\u3164\u3164\u3164"],
    ["with a control character", "Ан\u0085на"],
    ["with heaped marks", "Z\u0301\u0302\u0303\u0304\u0305algo"],
    ["with the same mark twice", "Zx\u0308\u0308algo"],
    ["that begins with a mark", "\u0308abc"],
    ["with digits of two kinds", "سلام1٢"],
    ["of phonetic letters", "ʙᴏʙ"],
    ["of a script that is not in use", "𐌰𐌱𐌲"],
    ["with half a character", "abc\ud800"],
  ])("may not be one %s", (_, name) => {
    expect(nameOf("unicode", name)).toBeNull();
  });

  test("is the same name in any Unicode spelling", () => {
    for (const typed of ["Ａｄａ", "Ada"]) expect(nameOf("unicode", typed)).toBe("Ada");
    expect(nameOf("unicode", "u\u0308bel")).toBe("übel");
    expect(nameOf("unicode", "ﾅﾙﾄｻﾝ")).toBe("ナルトサン");
  });

  test.each([
    ["its case", "Анна", "аННА"],
    ["its case, where that takes letters", "Straße", "STRASSE"],
    ["its case at the end of a word", "ΟΔΟΣ", "οδος"],
    ["another alphabet", "paypal", "раураӏ"],
    ["another alphabet in capitals", "BOT", "ВОТ"],
    ["another alphabet and its case", "Bot", "ВОТ"],
    ["another alphabet in small letters", "coca", "соса"],
    ["a digit", "Hero1", "Herol"],
    ["a capital", "BiII", "Bill"],
    ["zero and O", "B0b", "bob"],
    ["two letters that look like one", "modern", "rnodern"],
    ["Katakana and Han", "ロロノア", "口口ノア"],
    ["a stroke and a mark", "Ħans", "ħans"],
  ])("is taken if another differs only in %s", (_, a, b) => {
    expect([nameOf("unicode", a), nameOf("unicode", b)]).toEqual([a, b]);
    expect(lookAlike(a, b)).toBe(true);
  });

  test.each([
    ["Ada", "Adam"],
    ["übel", "ubel"],
    ["Анна", "Ганна"],
    ["さくら", "サクラ"],
    ["山田 太郎", "山田太郎"],
    ["paypal", "равлик"],
  ])("does not exclude a similar one: %s and %s", (a, b) => {
    expect(lookAlike(a, b)).toBe(false);
  });

  test("has one form, and the same skeletons when it is read again", () => {
    const letter = fc.constantFrom(...Array.from("aAlI10mMößſǅıİσςΣвВлᾳﾅ한글桜ーしじ゛ 9_"));
    fc.assert(
      fc.property(fc.array(letter, { maxLength: 25 }), (typed) => {
        const read = characterNames("unicode").read(typed.join(""));
        if (read === null) return;
        expect(characterNames("unicode").read(read.name)).toEqual(read);
        expect(read.skeletons.length).toBeGreaterThan(0);
        expect([...read.name].length).toBeLessThanOrEqual(23);
        expect(lookAlike(read.name, read.name.toUpperCase())).toBe(
          nameOf("unicode", read.name.toUpperCase()) !== null,
        );
      }),
    );
  });

  test("is accepted or refused for any text, in time proportional to its length", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 64 }), (typed) => {
        const name = nameOf("unicode", typed);
        expect(name === null || !/\p{C}|\p{Zl}|\p{Zp}/u.test(name)).toBe(true);
      }),
    );
  });
});

test("a text that clients cannot show is no name", () => {
  const names = characterNames("unicode", (name) => !name.includes("ж"));
  expect(names.read("жизнь")).toBeNull();
  expect(names.read("Жизнь")?.name).toBe("Жизнь");
});
