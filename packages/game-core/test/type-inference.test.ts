import type { Json, JsonObject } from "@sallyport/domain";
import * as v from "valibot";
import { expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import {
  type Command,
  type CommandInput,
  defineGame,
  defineMessages,
  type Event,
  type MapIt,
  type PlayerIt,
  packCommand,
  readEvent,
  type ShapeOf,
} from "../src/index.ts";
import { harbour, messages } from "./sample-game.ts";

/* The compiler checks most of this. Each `@ts-expect-error` is at a mistake that must not compile. */

type Harbour = ShapeOf<typeof harbour>;

test("the types of a game follow from its definition", () => {
  expectTypeOf<Harbour["character"]>().toEqualTypeOf<{
    gold: number;
    visits: number;
    bag: Record<string, number>;
    title?: string | undefined;
  }>();
  expectTypeOf<Harbour["map"]>().toEqualTypeOf<{ ticks: number; name: string }>();
  expectTypeOf<Harbour["world"]>().toEqualTypeOf<{ visitors: { count: number; last: string } }>();
  expectTypeOf<Harbour["timers"]["tide"]>().toEqualTypeOf<{ level: number }>();
  expectTypeOf<Harbour["actors"]["chest"]>().toEqualTypeOf<{ opened: number }>();
  expectTypeOf<keyof Harbour["actors"]>().toEqualTypeOf<"mara" | "chest" | "crab" | "shell" | "dock">();
  expectTypeOf<PlayerIt<Harbour>["character"]["gold"]>().toEqualTypeOf<number>();
  expect(harbour.definition.name).toBe("harbour");
});

test("a client is held to the names and bodies of the messages", () => {
  expectTypeOf<CommandInput<typeof messages, "chest.open">>().toEqualTypeOf<{ chest: number }>();
  expectTypeOf<Event<typeof messages, "tide">>().toEqualTypeOf<{ level: number }>();
  const body = packCommand(messages, "chest.open", { chest: 1 });
  // @ts-expect-error no command has this name; so a renamed command breaks its clients
  packCommand(messages, "chest.opne", { chest: 1 });
  // @ts-expect-error the body has another type
  packCommand(messages, "chest.open", { chest: "1" });
  // @ts-expect-error no event has this name
  readEvent(messages, "chest.open", body);
  expect(body.length).toBeGreaterThan(0);
});

/** Only the compiler reads the body of a handler here. */
const unused = (_handler: (it: PlayerIt<Harbour>) => void): void => {};

test("`it` is typed end to end", () => {
  unused((it) => {
    it.send("chest.opened", { gold: 1 });
    // @ts-expect-error the body has another type
    it.send("chest.opened", { gold: "x" });
    // @ts-expect-error the body lacks a field
    it.send("chest.opened", {});
    // @ts-expect-error no event has this name
    it.send("chest.open", { chest: 1 });
    // @ts-expect-error the state has no such key
    it.set({ silver: 1 });
    // @ts-expect-error the key has another type
    it.set({ gold: "1" });
    // @ts-expect-error a state is changed by `set` only
    it.character.gold = 1;
    // @ts-expect-error the game has no such actor
    it.spawn("maro", { x: 1, y: 1 });
    it.spawn("chest", { x: 1, y: 1 }, { state: { opened: 1 } });
    // @ts-expect-error the state of the actor has another type
    it.spawn("chest", { x: 1, y: 1 }, { state: { opened: "yes" } });
    it.after(1, "tide", { level: 1 });
    it.after(1, "ebb");
    // @ts-expect-error the timer carries data
    it.after(1, "tide");
    // @ts-expect-error the data has another type
    it.after(1, "tide", { level: "high" });
    it.changeWorld("visitors", "came", { name: "Ann" });
    it.changeWorld("visitors", "forgotten");
    // @ts-expect-error the world has no such change
    it.changeWorld("visitors", "went");
    // @ts-expect-error the input has another type
    it.changeWorld("visitors", "came", { name: 1 });
    expectTypeOf(it.world("visitors")).toEqualTypeOf<Readonly<{ count: number; last: string }>>();
  });
  expectTypeOf<MapIt<Harbour>>().not.toHaveProperty("character");
  expectTypeOf<PlayerIt<Harbour>>().not.toHaveProperty("refuse");
});

test("a definition is held to its own names", () => {
  const pings = defineMessages({ commands: { ping: v.object({ times: v.number() }) } });
  expectTypeOf<Command<typeof pings, "ping">>().toEqualTypeOf<{ times: number }>();
  const define = () => {
    // @ts-expect-error a command has no handler
    defineGame({ name: "a", messages: pings, commands: {} });
    // @ts-expect-error the handler expects another type
    defineGame({ name: "a", messages: pings, commands: { ping: (_it, _input: { times: string }) => {} } });
    const schema = z.object({ gold: z.number() });
    // @ts-expect-error the state has no such key
    defineGame({ name: "a", character: { schema, initial: { gold: 1 }, own: ["silver"] } });
    // @ts-expect-error the initial state has another type
    defineGame({ name: "a", character: { schema, initial: { gold: "1" } } });
    defineGame({
      name: "a",
      items: { rope: { id: 1, name: "Rope" } },
      // @ts-expect-error the game has no such item
      actors: { dock: { kind: "npc", name: "Dock", shop: [{ item: "roep", price: 1 }] } },
    });
  };
  expect(define).toBeTypeOf("function");
});

test("the properties of map objects have the types of their schemas, also those of an actor", () => {
  const game = defineGame({
    name: "signs",
    objects: { sign: z.object({ text: z.string() }), zone: z.object({ pvp: z.boolean().default(false) }) },
    actors: {
      sign: {
        kind: "npc",
        name: "Sign",
        clicked(it) {
          expectTypeOf(it.actor.properties.text).toEqualTypeOf<string>();
          it.spawn("sign", it.player, { properties: { text: "Hello" } });
          // @ts-expect-error the property has another type
          it.spawn("sign", it.player, { properties: { text: 1 } });
          expectTypeOf(it.objects("lamp")[0]?.properties["light"]).toEqualTypeOf<Json | undefined>();
        },
      },
      gull: {
        kind: "npc",
        name: "Gull",
        clicked: (it) => expectTypeOf(it.actor.properties).toEqualTypeOf<JsonObject>(),
      },
    },
    zoneEntered(_it, zone) {
      expectTypeOf(zone.properties.pvp).toEqualTypeOf<boolean>();
      // @ts-expect-error the zone has no such property
      expect(zone.properties.pve).toBe(undefined);
    },
  });
  expectTypeOf<ShapeOf<typeof game>["objects"]["sign"]>().toEqualTypeOf<{ text: string }>();
});

test("names are inferred also where all else is a handler", () => {
  const plain = defineGame({
    name: "plain",
    opened(it) {
      it.after(1, "bell");
      it.changeWorld("seen", "more");
      it.spawn("mara", { x: 1, y: 1 });
      // @ts-expect-error the game has no such timer
      const late = () => it.after(1, "bel");
      expect(late).toBeTypeOf("function");
    },
    timers: { bell: { data: null, run: (it) => void it.nowMs } },
    world: {
      seen: {
        schema: z.object({ n: z.number() }),
        initial: { n: 0 },
        changes: { more: { input: null, apply: (state) => ({ n: state.n + 1 }) } },
      },
    },
    actors: { mara: { kind: "npc", name: "Mara", clicked: (it) => it.say(it.actor.name) } },
  });
  expectTypeOf<ShapeOf<typeof plain>["timers"]>().toEqualTypeOf<{ bell: unknown }>();
  expectTypeOf<ShapeOf<typeof plain>["changes"]>().toEqualTypeOf<{ seen: { more: unknown } }>();
});
