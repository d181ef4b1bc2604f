import { isAccountName } from "@sallyport/authentication";
import { isOfOneAlphabet } from "./letters.ts";
import { skeletonsOf } from "./skeleton.ts";

export const characterNameKinds = ["plain", "blanks", "unicode"] as const;
export type CharacterNameKind = (typeof characterNameKinds)[number];

export interface CharacterName {
  /** The name as it is stored and shown. */
  readonly name: string;
  /** `skeletonsOf` computes these. Empty: names are allowed to look alike. */
  readonly skeletons: readonly string[];
}

export interface CharacterNames {
  readonly kind: CharacterNameKind;
  /** Returns null if the text cannot be the name of a character. */
  read(typed: string): CharacterName | null;
}

const codePointsMin = 3;
const codePointsMax = 23;
const plainOrBlank = /^[A-Za-z0-9_ ]+$/;
const hasStrayBlank = /^ | $| {2}/;

const isLongEnough = (name: string): boolean => {
  const { length } = [...name];
  return length >= codePointsMin && length <= codePointsMax;
};

const readers: { readonly [K in CharacterNameKind]: (typed: string) => CharacterName | null } = {
  plain: (name) => (isAccountName(name) ? { name, skeletons: [] } : null),
  blanks: (name) =>
    plainOrBlank.test(name) && !hasStrayBlank.test(name) && isLongEnough(name)
      ? { name, skeletons: [] }
      : null,
  unicode(typed) {
    const name = typed.normalize("NFKC");
    const isName = isLongEnough(name) && !hasStrayBlank.test(name) && isOfOneAlphabet(name);
    return isName ? { name, skeletons: skeletonsOf(name) } : null;
  },
};

/**
 * - `plain`: 3 to 20 ASCII letters, digits and underscores.
 * - `blanks`: 3 to 23 of these characters, with single blanks between words.
 * - `unicode`: like `blanks`, with letters of any one alphabet, in NFKC. No two names of a world may look
 *   alike.
 *
 * `fits` says whether clients can show a name. A name that does not fit is refused.
 */
export function characterNames(
  kind: CharacterNameKind = "plain",
  fits: (name: string) => boolean = () => true,
): CharacterNames {
  return {
    kind,
    read(typed) {
      const read = readers[kind](typed);
      return read !== null && fits(read.name) ? read : null;
    },
  };
}
