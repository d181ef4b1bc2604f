import { notInNames } from "./unicode-data.ts";

/* The letters that a name may contain, by UTS 39, level "highly restrictive". */

/** Scripts that may be mixed. Latin may be mixed with those of East Asia, and with no other. */
const scriptsTogether = [
  ["Latin", "Han", "Hiragana", "Katakana"],
  ["Latin", "Han", "Hangul"],
  ...[
    ...[
      "Arabic",
      "Armenian",
      "Bengali",
      "Cyrillic",
      "Devanagari",
      "Ethiopic",
      "Georgian",
      "Greek",
      "Gujarati",
    ],
    ...["Gurmukhi", "Hebrew", "Kannada", "Khmer", "Lao", "Malayalam", "Myanmar", "Oriya", "Sinhala", "Tamil"],
    ...["Telugu", "Thaana", "Thai", "Tibetan"],
  ].map((script) => [script]),
];

const ofScripts = scriptsTogether.map((scripts) => {
  const classes = [...scripts, "Common", "Inherited"].map((script) => `\\p{Script_Extensions=${script}}`);
  return new RegExp(`^[${classes.join("")}]+$`, "u");
});

const letters = /^[\p{L}\p{M}\p{Nd}_ ]+$/u;
const hidden = /\p{Default_Ignorable_Code_Point}/u;
const excluded = new RegExp(
  `[${notInNames.map((range) => range.replaceAll(/[\da-f]+/g, "\\u{$&}")).join("")}]`,
  "u",
);
const beginsWithMark = /(?:^|[_ ])\p{M}/u;
/** The same mark twice, or more than four marks. For text whose marks are separate code points. */
const heapsOfMarks = /(\p{Mn})\1|\p{Mn}{5}/u;

/** Expects NFKC. */
export function isOfOneAlphabet(text: string): boolean {
  return (
    letters.test(text) &&
    !hidden.test(text) &&
    !excluded.test(text) &&
    !beginsWithMark.test(text) &&
    !heapsOfMarks.test(text.normalize("NFD")) &&
    ofScripts.some((together) => together.test(text)) &&
    zerosIn(text).size <= 1
  );
}

const isDigit = (codePoint: number): boolean => /\p{Nd}/u.test(String.fromCodePoint(codePoint));

/** The zeros of the digits: the ten digits of each system follow each other. */
function zerosIn(text: string): ReadonlySet<number> {
  const digits = Array.from(text.match(/\p{Nd}/gu) ?? [], (digit) => digit.codePointAt(0) ?? 0);
  return new Set(
    digits.map((digit) => {
      let zero = digit;
      while (isDigit(zero - 1)) zero -= 1;
      // Two systems may follow each other.
      return digit - ((digit - zero) % 10);
    }),
  );
}
