import { describe, expect, test } from "vitest";
import { pictureOf, verbFor } from "../src/pictures.ts";

describe("an actor", () => {
  test.each([
    ["a person", "npc", 112, "townsperson", "talk"],
    ["a chest", "npc", 1324, "chest", "open"],
    ["a sign", "npc", 837, "sign", "read"],
    ["something without a picture", "npc", 0, "townsperson", "turn-to"],
    ["a monster, whatever its number is", "monster", 1324, "monster", "turn-to"],
    ["a thing on the floor", "item", 837, "item", "take"],
  ] as const)("that is %s is drawn and named as that", (_, kind, number, picture, verb) => {
    const actor = { kind, class: number };
    expect([pictureOf(actor), verbFor(actor)]).toEqual([picture, verb]);
  });
});
