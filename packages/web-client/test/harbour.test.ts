import { CharId } from "@sallyport/domain";
import { messages } from "@sallyport/sample-world/messages";
import type { GameEvent } from "@sallyport/sdk";
import { describe, expect, it, test } from "vitest";
import { harbourEvent } from "../src/harbour.ts";
import { languages } from "../src/language.ts";
import type { MapScreen } from "../src/map-screen.ts";
import { translations } from "../src/translations.ts";
import { inMap, type Played } from "./played.ts";

const bodies: Readonly<Record<keyof typeof messages.events, object>> = {
  "bag.used": { by: "Bo", item: "rope", text: "ties a boat to the quay." },
  "chest.opened": { gold: 15 },
  "sign.read": { visitors: 2 },
  "visitor.came": { visitors: 1 },
  "zone.entered": { title: "Old Quay" },
};
const told = (name: string, body: unknown): GameEvent => ({ type: "game.event", name, body }) as GameEvent;
const screenOf = ({ state }: Played): MapScreen => {
  if (state.screen.at !== "map") throw new Error(`at ${state.screen.at}`);
  return state.screen;
};

describe.each(languages)("in %s", (language) => {
  test.each(Object.entries(bodies))("%s of the sample world is a line with its values", (name, body) => {
    const schema = messages.events[name as keyof typeof bodies];
    expect(schema.safeParse(body).success).toBe(true);
    const line = screenOf(inMap().event(told(name, body))).log.at(-1);
    expect(line?.kind).toBe("game");
    const text = line === undefined ? "" : translations[language].line(line);
    const { by, gold, visitors, title } = { by: "", gold: "", visitors: "", title: "", ...body };
    for (const value of [by, gold, visitors, title]) expect(text).toContain(String(value));
    expect(text).toMatch(/^[^{}]{8,}\.$/);
  });

  it("everything that the sample world shows has a name", () => {
    const { keyName, itemName, meaning } = translations[language];
    for (const key of ["gold", "bag", "quest", "title"]) expect(keyName(key)).not.toBe(key);
    const wares = messages.commands["bag.use"].shape.item.options;
    for (const item of [...wares, "shell"]) expect(itemName(item)).not.toBe(item);
    for (const value of ["asked", "done"]) expect(meaning("quest", value)).not.toBe(value);
    expect([keyName("toString"), itemName("coral"), meaning("hp", "asked")]).toEqual([
      "toString",
      "coral",
      "asked",
    ]);
  });
});

describe("an event of another game", () => {
  test.each([
    ["chest.opened", { gold: "much" }],
    ["chest.opened", null],
    ["chest.opened", {}],
    ["toString", {}],
    ["duel.won", { by: "Bo" }],
  ])("%s %j is none of the sample world", (name, body) => {
    expect(harbourEvent(name, body)).toBeNull();
  });

  it("is counted by its name, and adds no line", () => {
    const played = inMap();
    const lines = screenOf(played).log.length;
    const hears = [...Array(30).keys()].flatMap((index) => [`e${index}`, "duel.won"]);
    for (const name of hears) played.event(told(name, {}));
    expect(screenOf(played).log).toHaveLength(lines);
    expect(screenOf(played).unknownEvents.get("duel.won")).toBe(30);
    expect(screenOf(played).unknownEvents.size).toBe(20);
  });
});

describe("what the game shows", () => {
  it("of the own character stays in sight on the next map, and is replaced by the next change", () => {
    const played = inMap().event({ type: "character.changed", character: { gold: 5 } });
    played.happen({ type: "entered", place: screenOf(played).place });
    expect(screenOf(played).character).toEqual({ gold: 5 });
    played.event({ type: "character.changed", character: {} });
    expect(screenOf(played).character).toEqual({});
  });

  it("of another player changes without a new appearance", () => {
    const bo = {
      charId: CharId(9),
      name: "Bo",
      kind: "player",
      sex: "female",
      x: 6,
      y: 2,
      class: 0,
    } as const;
    const change = { type: "actor.changed", charId: bo.charId, shown: { title: "Baker" } } as const;
    const played = inMap().event(change);
    expect(screenOf(played).actors.size).toBe(0);
    played.event({ type: "actor.appeared", ...bo, shown: {} }).event(change);
    expect(screenOf(played).actors.get(bo.charId)).toMatchObject({ name: "Bo", shown: { title: "Baker" } });
  });
});

describe("using a thing", () => {
  const use = { type: "send", name: "bag.use", input: { item: "rope" } } as const;

  it("sends the command of the sample world", () => {
    expect(inMap().happen(use).taken()).toEqual([use]);
  });

  test.each([
    ["not-in-bag", "This is not in your bag."],
    ["cursed", "The game does not allow this."],
  ])("that the game refuses with the word %s says so", (word, line) => {
    const refused = { type: "refused", command: use, refusal: "refused", word, isOutside: false } as const;
    const [last] = screenOf(inMap().happen(refused)).log.slice(-1);
    expect(last && translations.en.line(last)).toBe(line);
  });
});
