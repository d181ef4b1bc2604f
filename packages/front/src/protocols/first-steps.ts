import type { CharacterSummary, World } from "@sallyport/sdk";
import type { NotDone } from "../asked.ts";

/* The first steps in the world, for protocols whose clients choose neither a world nor a character. */

/** `wanted` is the name of a world. Null: the first one by its name. */
export const worldOf = (worlds: readonly World[], wanted: string | null): World | undefined =>
  wanted === null
    ? [...worlds].sort((a, b) => (a.name < b.name ? -1 : 1))[0]
    : worlds.find(({ name }) => name === wanted);

/** The character on such a map, or else the first one. */
export const characterFor = (
  characters: readonly CharacterSummary[],
  isWanted: (map: string) => boolean,
): CharacterSummary | undefined => characters.find(({ position }) => isWanted(position.map)) ?? characters[0];

const nameCharsMax = 20;

/** Nine names for a new character of this account, of 3 to 20 characters, in the order in which they are tried. */
export function namesFor(account: string): readonly string[] {
  const [local = ""] = account.split("@");
  const plain = local.replaceAll(/\W/g, "_").slice(0, nameCharsMax).padEnd(3, "_");
  const others = [2, 3, 4, 5, 6, 7, 8, 9].map((nth) => `${plain.slice(0, nameCharsMax - 2)}_${nth}`);
  return [plain, ...others];
}

/** Whether another name for the new character may be accepted. */
export const isNameRefused = ({ of, refusal }: Pick<NotDone, "of" | "refusal">): boolean =>
  of === "create" && (refusal === "name-taken" || refusal === "name-invalid");
