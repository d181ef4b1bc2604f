import { fileURLToPath } from "node:url";
import { loadMaps, testWorld } from "@sallyport/game/testing";
import { describe, expect, test } from "vitest";
import harbour, { newSlime } from "../src/index.ts";

const slimeMaps = await loadMaps(fileURLToPath(new URL("../../map-world/maps-slime/", import.meta.url)));
const world = () => testWorld(harbour, { maps: [...slimeMaps.values()] });

const told = ({ events }: ReturnType<ReturnType<typeof world>["enter"]>) =>
  events.filter(({ name }) => name.startsWith("slime."));

describe("a character", () => {
  test("gets the attributes of a slime when a slime client comes, and keeps them", () => {
    const ann = world().enter("Ann");
    expect(ann.character.slime).toBeUndefined();
    expect(ann.send("slime.come", {})).toEqual({ ok: true });
    expect(ann.character).toMatchObject(newSlime);
    const richer = { ...newSlime.slime, points: 7 };
    const ben = world().enter("Ben", { character: { ...newSlime, slime: richer } });
    ben.send("slime.come", {});
    expect(ben.character.slime).toEqual(richer);
  });

  test("shows its attributes to its own client, and its looks to all", () => {
    const all = world();
    const [ann, ben] = [all.enter("Ann"), all.enter("Ben")];
    ann.send("slime.come", {});
    expect(ann.own).toMatchObject(newSlime);
    const [seen] = ben.sees.filter(({ name }) => name === "Ann");
    expect(seen?.shown).toEqual({ slimeLooks: newSlime.slimeLooks });
  });
});

describe("everybody on the map learns", () => {
  test("keys, and that somebody types", () => {
    const all = world();
    const [ann, ben] = [all.enter("Ann"), all.enter("Ben")];
    ann.send("slime.move", { direction: 3, x: -1, y: null });
    ann.send("slime.type", {});
    const by = ann.charId;
    expect(told(ben)).toEqual([
      { name: "slime.moved", body: { by, direction: 3, x: -1, y: null } },
      { name: "slime.typed", body: { by } },
    ]);
  });

  test("an emote, and of a throw of dice what fell", () => {
    const all = world();
    const [ann, ben] = [all.enter("Ann"), all.enter("Ben")];
    ann.send("slime.emote", { emote: 5 });
    for (let nth = 0; nth < 50; nth += 1) {
      ann.send("slime.emote", { emote: 13 });
      all.passes(1_000);
    }
    const emotes = told(ben).map(({ body }) => body as { emote: number; isDice: boolean });
    expect(emotes[0]).toMatchObject({ emote: 5, isDice: false });
    const thrown = new Set(emotes.slice(1).map(({ emote }) => emote));
    expect(thrown).toEqual(new Set([14, 15, 16, 17, 18, 19]));
  });

  test("nothing that fits no field", () => {
    const ann = world().enter("Ann");
    for (const direction of [-1, 14, 1.5])
      expect(ann.send("slime.move", { direction, x: null, y: null })).toMatchObject({ refusal: "invalid" });
    expect(ann.send("slime.emote", { emote: 256 })).toMatchObject({ refusal: "invalid" });
  });
});
