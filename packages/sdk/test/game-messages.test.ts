import { accepted, type EventOf, type MapDoor, refused, refusedWith } from "@sallyport/domain";
import { defineMessages, readCommand } from "@sallyport/game-core/messages";
import { must, until } from "@sallyport/testkit";
import { packValue } from "@sallyport/wire";
import { beforeEach, describe, expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import {
  type Client,
  type CommandAnswer,
  Credentials,
  createClient,
  type Game,
  type GameEvent,
  type GameTypes,
  type ShownOf,
} from "../src/index.ts";
import { addresses, MemoryCluster } from "./memory-cluster.ts";

const messages = defineMessages({
  commands: { "chest.open": z.object({ chest: z.number().int() }), rest: z.object({}) },
  events: { "chest.opened": z.object({ gold: z.number() }), tide: z.object({ level: z.number() }) },
});
interface Harbour extends GameTypes {
  readonly messages: typeof messages;
  readonly character: { gold: number; title?: string };
}

const account = { name: "Alice", password: "correct horse" };
const credentials = new Credentials();
let cluster: MemoryCluster;
let unreadable: [string, string][];
beforeEach(() => {
  cluster = new MemoryCluster();
  unreadable = [];
});

const options = () => ({
  ...{ connect: cluster.connect, login: addresses.login, credentials },
  onUnreadable: (what: string, problem: string) => void unreadable.push([what, problem]),
});
const typed = () => createClient<Harbour>({ ...options(), messages });

async function enter<T extends GameTypes>(client: Client<T>, name = "Alice"): Promise<Game<T>> {
  const player = { ...account, name };
  must(await client.register({ ...player, sex: "female" }));
  const { worlds } = must(await client.logIn(player));
  const select = must(await client.enterWorld(worlds[0] ?? addresses.char));
  const { charId } = must(await select.create({ slot: 0, name }));
  return must(await select.choose(charId));
}

type Hearer = Pick<Game, "charId" | "take">;

/** The event has arrived when the promise resolves, because answers do not overtake events. */
async function tell(to: Hearer, event: EventOf<MapDoor>): Promise<void> {
  cluster.map.walkers.get(to.charId)?.tell(event);
  expect(await to.take(0)).toEqual(refused("no-such-actor"));
}
const happens = (to: Hearer, name: string, body: unknown): Promise<void> =>
  tell(to, { type: "game.event", name, body: packValue(body) });
const changes = (to: Hearer, values: object): Promise<void> =>
  tell(to, { type: "character.changed", changes: packValue(values) });

describe("a command of the game", () => {
  test("arrives as the schema reads it", async () => {
    const heard: unknown[] = [];
    cluster.map.game = ({ name, body }) => {
      heard.push(name, readCommand(messages, "chest.open", body));
      return accepted({});
    };
    const game = await enter(typed());
    expect(await game.send("chest.open", { chest: 7 })).toEqual({ ok: true, value: {} });
    expect(heard).toEqual(["chest.open", { ok: true, value: { chest: 7 } }]);
  });

  test.each([
    ["unknown-command", refused("unknown-command"), {}],
    ["invalid", refusedWith("invalid", "chest: expected number"), { problem: "chest: expected number" }],
    ["refused", refusedWith("refused", "locked"), { word: "locked" }],
    ["too-many", refused("too-many", 250), { retryAfterMs: 250 }],
    ["failed", refused("failed"), {}],
  ] as const)("that is refused as %s says what a client needs to know", async (refusal, answer, more) => {
    cluster.map.game = () => answer;
    const game = await enter(typed());
    expect(await game.send("rest", {})).toEqual({ ok: false, refusal, ...more });
  });

  test("that no message can hold is not sent", async () => {
    const game = await enter(typed());
    for (const chest of [Number.NaN, 1n as never, (() => 1) as never, "x".repeat(20_000) as never]) {
      expect(await game.send("chest.open", { chest })).toEqual(refused("not-sendable"));
    }
    expect(game.isOpen).toBe(true);
  });

  test("can be as long as a body may be", async () => {
    cluster.map.game = ({ body }) => refusedWith("refused", String(body.length));
    const game = await enter(createClient(options()));
    const text = "x".repeat(16 * 1024 - 3);
    expect(await game.send("x".repeat(64), text)).toMatchObject({ word: String(16 * 1024) });
  });
});

describe("an event of the game", () => {
  test("goes to the listeners for its name, and to all others", async () => {
    const game = await enter(typed());
    const all: unknown[] = [];
    const gold: number[] = [];
    game.on((event) => all.push(event));
    const off = game.onEvent("chest.opened", (body) => gold.push(body.gold));
    await happens(game, "chest.opened", { gold: 5 });
    await happens(game, "tide", { level: 2 });
    off();
    await happens(game, "chest.opened", { gold: 6 });
    expect(gold).toEqual([5]);
    expect(all).toEqual([
      { type: "game.event", name: "chest.opened", body: { gold: 5 } },
      { type: "game.event", name: "tide", body: { level: 2 } },
      { type: "game.event", name: "chest.opened", body: { gold: 6 } },
    ]);
  });

  test("that arrived earlier goes to the first listener for its name, whatever else is listened to", async () => {
    const game = await enter(typed());
    await happens(game, "tide", { level: 1 });
    await happens(game, "chest.opened", { gold: 2 });
    const heard: unknown[] = [];
    game.onEvent("chest.opened", (body) => heard.push(body));
    game.onEvent("tide", (body) => heard.push(body));
    game.on((event) => heard.push(event.type));
    expect(heard).toEqual([{ gold: 2 }, { level: 1 }, "game.event", "game.event"]);
  });

  test("that the messages do not know, or refuse, is dropped, and only the latter is reported", async () => {
    const game = await enter(typed());
    await happens(game, "newer", {});
    await happens(game, "toString", {});
    await happens(game, "tide", { level: "high" });
    await tell(game, { type: "game.event", name: "tide", body: Uint8Array.of(0x81) });
    await happens(game, "tide", { level: 3 });
    const heard: GameEvent<Harbour>[] = [];
    game.on((event) => heard.push(event));
    expect(heard).toMatchObject([{ name: "tide", body: { level: 3 } }]);
    expect(unreadable).toEqual([
      ["tide", expect.stringContaining("level")],
      ["tide", "ends too early"],
    ]);
  });
});

describe("what the game shows", () => {
  test("of the own character is complete at first, and then changes", async () => {
    const game = await enter(typed());
    expect(game.character).toEqual({});
    await changes(game, { gold: 3, title: "smith" });
    const seen: unknown[] = [];
    game.on((event) => seen.push(event));
    await changes(game, { gold: 4, title: null });
    expect(game.character).toEqual({ gold: 4 });
    expect(seen.at(-1)).toEqual({ type: "character.changed", character: { gold: 4 } });
    await tell(game, { type: "map.changed", ...game.place });
    expect(game.character).toEqual({ gold: 4 });
    await changes(game, { title: null });
    expect(game.character).toEqual({ title: null });
  });

  test("of the own character begins anew on another map-server", async () => {
    const game = await enter(typed());
    await changes(game, { gold: 3, title: "smith" });
    cluster.passOn(game.charId);
    await until(() => game.hops === 1, { what: "the client is behind the other door" });
    await changes(game, { gold: 9 });
    expect(game.character).toEqual({ gold: 9 });
  });

  test("of other actors is with them, from the beginning and after each change", async () => {
    const [game, other] = [await enter(typed()), await enter(typed(), "Bob")];
    expect(game.actors.get(other.charId)?.shown).toEqual({});
    const seen: GameEvent<Harbour>[] = [];
    game.on((event) => seen.push(event));
    const ids = { accountId: cluster.map.walkers.get(other.charId)!.walker.accountId, charId: other.charId };
    await tell(game, { type: "actor.changed", ...ids, shown: packValue({ title: "smith" }) });
    expect(game.actors.get(other.charId)).toMatchObject({ name: "Bob", shown: { title: "smith" } });
    expect(seen.at(-1)).toMatchObject({ charId: other.charId, shown: { title: "smith" } });
    await tell(game, { type: "actor.changed", ...ids, shown: packValue(["no map"]) });
    expect(game.actors.get(other.charId)?.shown).toEqual({});
    expect(unreadable).toEqual([["actor.changed", expect.stringContaining("is no map")]]);
  });
});

test("a client without messages sends and hears any values", async () => {
  cluster.map.game = ({ name }) => refusedWith("refused", name);
  const game = await enter(createClient(options()));
  const heard: unknown[] = [];
  game.onEvent("anything", (body) => heard.push(body));
  await happens(game, "anything", [1, null, "x"]);
  await happens(game, "other", 1);
  await changes(game, { gold: 1 });
  expect(heard).toEqual([[1, null, "x"]]);
  expect(game.character["gold"]).toBe(1);
  expect(await game.send("dance", { steps: 3 })).toMatchObject({ refusal: "refused", word: "dance" });
});

test("names, bodies and states have their types, so a renamed message breaks its clients", () => {
  /** Only the compiler reads this. */
  const unused = (_: (game: Game<Harbour>) => void): void => {};
  unused((game) => {
    void game.send("chest.open", { chest: 1 });
    // @ts-expect-error no command has this name
    void game.send("chest.opne", { chest: 1 });
    // @ts-expect-error the body has another type
    void game.send("chest.open", { chest: "1" });
    game.onEvent("tide", (body) => expectTypeOf(body).toEqualTypeOf<{ level: number }>());
    // @ts-expect-error no event has this name
    game.onEvent("chest.open", () => {});
    game.on((event) => {
      if (event.type === "game.event" && event.name === "tide")
        expectTypeOf(event.body).toEqualTypeOf<{ level: number }>();
    });
    expectTypeOf(game.character.gold).toEqualTypeOf<number | undefined>();
    // @ts-expect-error a character has no such key
    void game.character.silver;
  });
  const byMessages = createClient({ ...options(), messages });
  expectTypeOf<typeof byMessages extends Client<infer T> ? T["messages"] : never>().toEqualTypeOf<
    typeof messages
  >();
  expectTypeOf<ShownOf<Harbour>>().toEqualTypeOf<{ readonly gold?: number; readonly title?: string }>();
  expectTypeOf<Extract<CommandAnswer, { refusal: "refused" }>["word"]>().toEqualTypeOf<string>();
  expect(byMessages.ticket).toBeNull();
});
