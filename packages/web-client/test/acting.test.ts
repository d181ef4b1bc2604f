import { CharId } from "@sallyport/domain";
import { describe, expect, it, test } from "vitest";
import type { MapScreen } from "../src/map-screen.ts";
import { inMap, type Played } from "./played.ts";

const looks = { sex: "female", shown: {}, class: 0 } as const;
const mara = { ...looks, charId: CharId(2 ** 31), name: "Mara", kind: "npc", x: 7, y: 4 } as const;
const shell = { ...mara, charId: CharId(2 ** 31 + 1), name: "Shell", kind: "item", x: 2, y: 4 } as const;
const bo = { ...mara, charId: CharId(9), name: "Bo", kind: "player", x: 6, y: 2 } as const;
const actor = mara.charId;
const rope = { item: 1065, name: "Rope", price: 5 };

const withOthers = (at = { x: 4, y: 2 }): Played =>
  [mara, shell, bo].reduce((played, each) => played.event({ type: "actor.appeared", ...each }), inMap(at));
const screenOf = ({ state }: Played): MapScreen => {
  if (state.screen.at !== "map") throw new Error(`at ${state.screen.at}`);
  return state.screen;
};
const lastLine = (played: Played) => screenOf(played).log.at(-1);

describe("pointing at the map", () => {
  test.each([
    ["at the floor walks there", { x: 3, y: 4 }, { type: "walk", x: 3, y: 4 }],
    ["at a player walks there", { x: 6, y: 2 }, { type: "walk", x: 6, y: 2 }],
    ["at another actor clicks on it", { x: 7, y: 4 }, { type: "click", actor }],
    ["at the head of an actor means the actor", { x: 7, y: 3 }, { type: "click", actor }],
    ["at an item takes it", { x: 2, y: 4 }, { type: "take", actor: shell.charId }],
  ])("%s", (_, cell, command) => {
    expect(
      withOthers()
        .happen({ type: "point", ...cell })
        .taken(),
    ).toEqual([command]);
  });

  it("at an actor that is too far away walks next to it, and then clicks", () => {
    const played = withOthers().happen({ type: "use", actor });
    const [click] = played.taken();
    played.happen({
      type: "refused",
      command: { type: "click", actor },
      refusal: "too-far",
      isOutside: false,
    });
    expect(click).toEqual({ type: "click", actor });
    expect(played.taken()).toEqual([{ type: "walk", x: 6, y: 3 }]);
    played.moved(5, 2);
    expect(played.taken()).toEqual([]);
    played.moved(6, 3);
    expect(played.taken()).toEqual([{ type: "click", actor }]);
  });

  it("at something else gives up the way to the actor", () => {
    const played = withOthers().happen(
      { type: "refused", command: { type: "click", actor }, refusal: "too-far", isOutside: false },
      { type: "point", x: 5, y: 2 },
    );
    played.taken();
    played.moved(5, 2);
    expect(played.taken()).toEqual([]);
  });

  it("at an actor that stays too far away says so, and does not ask for ever", () => {
    const played = withOthers({ x: 6, y: 4 });
    played.happen({
      type: "refused",
      command: { type: "click", actor },
      refusal: "too-far",
      isOutside: false,
    });
    expect(played.taken()).toEqual([]);
    expect(lastLine(played)).toMatchObject({ kind: "refused", refusal: "too-far" });
  });
});

describe("a dialogue", () => {
  const dialogueOf = (played: Played) => screenOf(played).conversation;

  it("shows all words before a question, and new words replace them after the answer", () => {
    const played = withOthers()
      .event({ type: "dialogue.said", actor, text: "Good day." })
      .event({ type: "dialogue.said", actor, text: "Do you want work?" })
      .event({ type: "dialogue.asked", actor, choices: ["Yes", "No"] });
    expect(dialogueOf(played)).toMatchObject({
      ...{ name: "Mara", said: ["Good day.", "Do you want work?"] },
      ...{ waitsFor: "choice", choices: ["Yes", "No"] },
    });
    played.happen({ type: "answer", answer: { type: "choice", index: 1 } });
    expect(played.taken()).toEqual([{ type: "answer", actor, answer: { type: "choice", index: 1 } }]);
    // The old words stay in sight until new ones arrive.
    expect(dialogueOf(played)).toMatchObject({ said: ["Good day.", "Do you want work?"], isAnswered: true });
    played.event({ type: "dialogue.said", actor, text: "A pity." }).event({ type: "dialogue.ended", actor });
    expect(dialogueOf(played)).toMatchObject({ said: ["A pity."], waitsFor: "close" });
  });

  it("that is over is closed without a word to the server, and one that goes on is not", () => {
    const over = withOthers()
      .event({ type: "dialogue.said", actor, text: "Bye." })
      .event({ type: "dialogue.ended", actor });
    over.happen({ type: "answer", answer: { type: "close" } });
    expect([dialogueOf(over), over.taken()]).toEqual([null, []]);
    const paused = withOthers().event({ type: "dialogue.paused", actor });
    paused.happen({ type: "answer", answer: { type: "close" } });
    expect([dialogueOf(paused), paused.taken()]).toEqual([
      null,
      [{ type: "answer", actor, answer: { type: "close" } }],
    ]);
  });

  it("that the server no longer has is closed", () => {
    const played = withOthers().event({ type: "dialogue.paused", actor });
    const command = { type: "answer", actor, answer: { type: "next" } } as const;
    played.happen({ type: "refused", command, refusal: "no-dialogue", isOutside: false });
    expect(dialogueOf(played)).toBeNull();
    expect(lastLine(played)).toMatchObject({ refusal: "no-dialogue" });
  });

  it("ends on another map", () => {
    const played = withOthers().event({ type: "dialogue.paused", actor });
    played.event({ type: "map.changed", ...screenOf(played).place });
    expect(dialogueOf(played)).toBeNull();
  });
});

describe("a shop", () => {
  it("sells, and the log says what was bought or why not", () => {
    const played = withOthers().event({ type: "shop.offered", actor, goods: [rope] });
    played.happen({ type: "buy", item: 1065, amount: 2 });
    const command = { type: "buy", actor, goods: [{ item: 1065, amount: 2 }] } as const;
    expect(played.taken()).toEqual([command]);
    played.happen({ type: "bought", command });
    expect(lastLine(played)).toMatchObject({ kind: "bought", name: "Rope", amount: 2 });
    played.happen({ type: "refused", command, refusal: "too-dear", isOutside: false });
    expect(lastLine(played)).toMatchObject({ kind: "refused", refusal: "too-dear" });
  });

  it("replaces a dialogue, and is closed without a word to the server", () => {
    const played = withOthers()
      .event({ type: "dialogue.said", actor, text: "Look around." })
      .event({ type: "shop.offered", actor, goods: [rope] });
    expect(screenOf(played).conversation).toEqual({ type: "shop", actor, name: "Mara", goods: [rope] });
    played.happen({ type: "answer", answer: { type: "close" } });
    expect([screenOf(played).conversation, played.taken()]).toEqual([null, []]);
  });
});
