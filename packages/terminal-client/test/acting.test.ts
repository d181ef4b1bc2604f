import { CharId, firstActorId } from "@sallyport/domain";
import type { Actor } from "@sallyport/sdk";
import { describe, expect, it } from "vitest";
import type { Command } from "../src/index.ts";
import { event, inMap, type Played, self } from "./played.ts";

const [mara, shell, crab] = [0, 1, 2].map((nth) => firstActorId + nth) as [number, number, number];
const bob = 9;
const actors: readonly Actor[] = [
  {
    charId: CharId(bob),
    kind: "player",
    name: "Bob",
    sex: "male",
    x: 4,
    y: 4,
    shown: { title: "smith" },
    class: 0,
  },
  { charId: CharId(mara), kind: "npc", name: "Mara", sex: "female", x: 6, y: 3, shown: {}, class: 0 },
  { charId: CharId(shell), kind: "item", name: "Shell", sex: "female", x: 5, y: 2, shown: {}, class: 0 },
  { charId: CharId(crab), kind: "monster", name: "Crab", sex: "female", x: 7, y: 5, shown: {}, class: 0 },
];
const among = (): Played =>
  inMap().happen(...actors.map((each) => event({ type: "actor.appeared", ...each })));
const picture = (played: Played): string => played.lines().join("\n");
/** The command that these keys lead to. Null if they lead to none. */
function commandAfter(played: Played, ...keys: string[]): Command | null {
  const before = played.commands.length;
  return played.press(...keys).commands[before] ?? null;
}

describe("the actors near the player", () => {
  it("are shown by their kinds", () => {
    const lines = among().lines();
    expect(lines.some((each) => each.includes("· @ · & "))).toBe(true);
    for (const name of ["& Mara", "* Shell", "c Crab", "B Bob"])
      expect(lines.some((each) => each.includes(name))).toBe(true);
  });

  it("are clicked or picked up, the nearest first, and players are left out", () => {
    expect(commandAfter(among(), " ")).toEqual({ type: "take", actor: shell, name: "Shell" });
    expect(commandAfter(among(), "tab", "tab", "e")).toEqual({ type: "click", actor: mara });
    expect(commandAfter(among(), "tab", "tab", "tab", "e")).toEqual({ type: "click", actor: crab });
    expect(commandAfter(among(), "tab", "tab", "tab", "tab", "e")).toMatchObject({ actor: shell });
    expect(commandAfter(inMap(), "tab", " ")).toBeNull();
  });

  it("are aimed at no longer when they are gone", () => {
    const played = among().press("tab", "tab");
    played.happen(event({ type: "actor.vanished", charId: CharId(mara) }));
    expect(commandAfter(played, "e")).toMatchObject({ actor: shell });
    played.happen({ type: "done", command: { type: "take", actor: shell, name: "Shell" } });
    expect(picture(played)).toContain("You picked up: Shell");
  });
});

describe("a dialogue", () => {
  const asked = (choices = ["Work", "Bye"]): Played =>
    among().happen(
      event({ type: "dialogue.said", actor: mara, text: "Hello.\nWhat is it\x1b[2J?" }),
      event({ type: "dialogue.asked", actor: mara, choices }),
    );

  it("shows what was said and the choices, and the keys 1 to 9 choose", () => {
    const played = asked();
    expect(picture(played)).toMatch(/ Mara\n Hello\.\n What is it·\[2J\?\n 1 Work\n 2 Bye\n 1-2: choose/);
    expect(commandAfter(played, "3")).toBeNull();
    const answer = { type: "choice", index: 1 };
    expect(commandAfter(played, "2")).toEqual({ type: "answer", actor: mara, answer });
    expect(commandAfter(played, "2")).toBeNull();
    expect(picture(played)).not.toContain("Hello.");
  });

  it("with many choices has pages", () => {
    const played = asked(Array.from({ length: 20 }, (_, nth) => `choice ${nth}`));
    expect(picture(played)).toContain(" 9 choice 8");
    expect(picture(played.press("tab"))).toContain(" 1 choice 9");
    expect(picture(played.press("tab"))).toContain(" 2 choice 19");
    expect(commandAfter(played, "3")).toBeNull();
    expect(commandAfter(played, "tab", "tab", "1")).toMatchObject({ answer: { index: 9 } });
  });

  it("goes on with Enter when it pauses, and is closed with Escape", () => {
    const paused = among().happen(
      event({ type: "dialogue.said", actor: mara, text: "First." }),
      event({ type: "dialogue.paused", actor: mara }),
    );
    expect(commandAfter(paused, "enter")).toEqual({ type: "answer", actor: mara, answer: { type: "next" } });
    paused.happen(event({ type: "dialogue.said", actor: mara, text: "Then." }));
    expect(picture(paused)).not.toContain("First.");
    expect(picture(paused)).toContain("Then.");
    expect(commandAfter(paused, "escape")).toEqual({
      type: "answer",
      actor: mara,
      answer: { type: "close" },
    });
    expect(picture(paused)).not.toContain("Then.");
    paused.happen(event({ type: "dialogue.ended", actor: mara }));
    expect(paused.state.screen).toMatchObject({ talk: null });
  });

  it("that is over stays on the screen until the player closes it, and asks for nothing", () => {
    const played = asked().happen(event({ type: "dialogue.ended", actor: mara }));
    expect(picture(played)).toContain("Hello.");
    expect(picture(played)).not.toContain("Work");
    expect(commandAfter(played, "1", "enter")).toBeNull();
    expect(picture(played)).not.toContain("Hello.");
  });

  it("lets the player walk, and ends when its actor goes", () => {
    const played = asked();
    expect(commandAfter(played, "up")).toEqual({ type: "walk", x: 4, y: 2 });
    played.happen(event({ type: "actor.vanished", charId: CharId(mara) }));
    expect(picture(played)).not.toContain("Hello.");
  });

  it("fits the smallest window, and its choices come before its words", () => {
    const played = among().happen(
      event({
        type: "dialogue.said",
        actor: mara,
        text: Array.from({ length: 30 }, (_, n) => `word ${n}`).join("\n"),
      }),
      event({ type: "dialogue.asked", actor: mara, choices: ["a", "b", "c"] }),
    );
    const lines = played.lines(40, 14);
    expect(lines).toHaveLength(14);
    expect(lines.some((each) => each.includes(" 3 c"))).toBe(true);
    expect(lines.some((each) => each.includes("word 29"))).toBe(true);
  });
});

describe("a shop", () => {
  it("shows goods and prices, and sells one piece for each key", () => {
    const goods = [{ item: 5, name: "Rope", price: 12 }];
    const played = among().happen(event({ type: "shop.offered", actor: mara, goods }));
    expect(picture(played)).toContain(" 1 Rope, 12");
    const command = { type: "buy", actor: mara, item: 5, name: "Rope" } as const;
    expect(commandAfter(played, "1")).toEqual(command);
    expect(played.happen({ type: "done", command }).footer).toContain("You bought: Rope");
    expect(commandAfter(played, "1")).toEqual(command);
    played.happen({ type: "refused", command, refusal: "too-dear", standing: "map" });
    expect(played.footer).toContain("This costs too much.");
    expect(commandAfter(played, "escape")).toBeNull();
    expect(played.state.screen).toMatchObject({ talk: null });
  });
});

const typed = (text: string): Played => inMap().press("t").type(text).press("enter");

describe("the orders of a gamemaster", () => {
  it.each([
    ["/kick Bob the Bold: stop it: now", { order: "kick", player: "Bob the Bold", text: "stop it: now" }],
    ["/kick Bob", { order: "kick", player: "Bob", text: "" }],
    ["/mute 10 Bob the Bold", { order: "mute", player: "Bob the Bold", minutes: 10 }],
    ["/goto Bob", { order: "go-to", player: "Bob" }],
    ["/summon Bob", { order: "summon", player: "Bob" }],
    ["/announce Hi all", { order: "announce-map", text: "Hi all" }],
    ["/announce-world Hi all", { order: "announce-world", text: "Hi all" }],
    ["/announce-all Hi all", { order: "announce-all", text: "Hi all" }],
  ])("are typed like %s", (text, order) => {
    expect(typed(text).commands.at(-1)).toEqual({ type: "order", order });
  });

  it("are told when they are done, or why they are not", () => {
    const command = { type: "order", order: { order: "kick", player: "Bob" } } as const;
    const played = inMap().happen({ type: "done", command });
    expect(picture(played)).toContain("kick: done");
    const refused = { type: "refused", command, standing: "map", refusal: "no-such-player" } as const;
    expect(played.happen({ ...refused, why: null }).footer).toContain("Nobody of this name");
  });

  it("are not given if the line cannot be read, and the line can be corrected", () => {
    const played = typed("/mute Bob");
    expect(played.commands.some(({ type }) => type === "order" || type === "say")).toBe(false);
    expect(played.footer).toContain("/mute MINUTES NAME");
    expect(played.state.screen).toMatchObject({ typing: "/mute Bob" });
  });

  it.each([
    ["/kick", "Type /kick NAME: TEXT."],
    ["/kick : stop it", "Type /kick NAME: TEXT."],
    ["/goto", "Type /goto NAME."],
    ["/summon", "Type /summon NAME."],
    ["/announce", "Type /announce TEXT."],
    ["/announce-world", "Type /announce-world TEXT."],
    ["/announce-all", "Type /announce-all TEXT."],
  ])("are not given if %s names nobody or nothing, and the player reads how to type them", (text, usage) => {
    const played = typed(text);
    expect(played.commands.some(({ type }) => type === "order" || type === "say")).toBe(false);
    expect(played.footer).toContain(usage);
  });

  it("are heard by all: announcements are lines of the log", () => {
    const played = inMap().happen(
      event({ type: "announced", text: "A ship!", from: "Ada" }),
      event({ type: "announced", text: "Restart at 8", from: null }),
    );
    expect(picture(played)).toContain("Ada announces: A ship!");
    expect(picture(played)).toContain("The server announces: Restart at 8");
  });
});

describe("a line with a slash", () => {
  it.each([
    ["/anounce hello", "There is no order /anounce. Did you mean /announce? /help lists all orders."],
    ["/Kick Bob", "There is no order /Kick. Did you mean /kick? /help lists all orders."],
    ["/sender", "There is no order /sender. Did you mean /send? /help lists all orders."],
    ["/send", "Type /send NAME JSON."],
    ["/dance", "There is no order /dance. /help lists all orders."],
    ["/ hello", "There is no order /. /help lists all orders."],
  ])("that is no order is not said aloud: %s", (text, problem) => {
    const before = inMap().commands.length;
    const played = typed(text);
    expect(played.commands).toHaveLength(before);
    expect(played.lines().slice(-2).join(" ")).toContain(problem);
    expect(played.state.screen).toMatchObject({ typing: text });
  });

  it("asks for all orders by /help", () => {
    const played = typed("/help");
    const shown = picture(played).replaceAll(/\s+/g, " ");
    for (const order of ["/room [NAME]", "/send NAME JSON", "/kick NAME: TEXT", "/announce-all TEXT"])
      expect(shown).toContain(order);
    expect(played.state.screen).toMatchObject({ typing: null });
  });

  it("goes to an open room, and reads which there are if there is none of the name", () => {
    const command = { type: "enter-room", map: "tavern" } as const;
    const played = typed("/room Tavern");
    expect(played.commands.at(-1)).toEqual(command);
    const refused = { type: "refused", command, refusal: "no-such-room", standing: "map" } as const;
    played.happen({ ...refused, why: "open rooms: grove, meadow" });
    expect(played.lines().slice(-2).join(" ")).toContain("(open rooms: grove, meadow)");
    expect(played.happen({ type: "done", command }).footer).toContain("You are in tavern.");
  });

  it("reads by /room alone which rooms are open", () => {
    const played = typed("/room");
    expect(played.commands.at(-1)).toEqual({ type: "enter-room", map: "" });
    expect(played.happen({ type: "rooms", names: "grove, meadow" }).footer).toContain(
      "Open rooms: grove, meadow.",
    );
    expect(played.happen({ type: "rooms", names: null }).footer).toContain("No room is open.");
  });
});

describe("the messages of the game", () => {
  it("are sent by name, with JSON or without", () => {
    const input = { chest: 1 };
    const command = { type: "send", name: "chest.open", input } as const;
    const played = typed('/send chest.open {"chest": 1}');
    expect(played.commands.at(-1)).toEqual(command);
    expect(typed("/send rest").commands.at(-1)).toEqual({ type: "send", name: "rest", input: {} });
    expect(picture(played.happen({ type: "done", command }))).toContain("chest.open: done");
  });

  it("are not sent if the JSON cannot be read, and the line can be corrected", () => {
    const played = typed("/send chest.open {chest}");
    expect(played.commands.some(({ type }) => type === "send" || type === "say")).toBe(false);
    expect(played.footer).toContain("no JSON");
    expect(played.state.screen).toMatchObject({ typing: "/send chest.open {chest}" });
  });

  it("are refused with what the game says", () => {
    const command = { type: "send", name: "rest", input: {} } as const;
    const refused = { type: "refused", command, standing: "map" } as const;
    const played = inMap().happen({ ...refused, refusal: "refused", why: "not tired" });
    expect(played.footer).toContain("The game does not allow this. (not tired)");
    played.happen({ ...refused, refusal: "failed", why: null });
    expect(played.footer).toContain("The game failed at this. Nothing happened.");
  });

  it("are shown: events, the own state, and what is shown of others", () => {
    const played = among().happen(
      event({ type: "game.event", name: "tide", body: { level: 2, map: Uint8Array.of(1, 2) } }),
      event({ type: "character.changed", character: { gold: 7 } }),
      event({ type: "actor.changed", charId: CharId(shell), shown: { size: "big" } }),
      event({ type: "actor.changed", charId: self, shown: { size: "own" } }),
    );
    expect(picture(played)).toContain('tide {"level":2,"map":"2 bytes"}');
    expect(picture(played)).toContain("gold 7");
    expect(picture(played)).toContain('size "big"');
    expect(picture(played)).not.toContain("own");
  });
});
