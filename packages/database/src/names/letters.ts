import { notInNames } from "./unicode-data.ts";

/* The letters that a name may contain, by UTS 39, level "highly restrictive". */

/** One name can mix the scripts of one group. Latin can be mixed only with the scripts of East Asia. */
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
/** Finds the same combining mark twice in a row, or five marks in a row. The text must be in NFD. */
const heapsOfMarks = /(\p{Mn})\1|\p{Mn}{5}/u;

/** The text must be in NFKC. */
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

/**
 * Returns the zero of each number system in the text. The ten digits of a system have consecutive code
 * points.
 */
function zerosIn(text: string): ReadonlySet<number> {
  const digits = Array.from(text.match(/\p{Nd}/gu) ?? [], (digit) => digit.codePointAt(0) ?? 0);
  return new Set(
    digits.map((digit) => {
      let zero = digit;
      while (isDigit(zero - 1)) zero -= 1;
      // The digits of a different number system can come directly before these digits.
      return digit - ((digit - zero) % 10);
    }),
  );
}
