import { z } from "zod";
import { defineGame, defineMessages } from "../src/index.ts";

export const messages = defineMessages({
  commands: { "chest.open": z.object({ chest: z.number().int() }), rest: z.object({}) },
  events: { "chest.opened": z.object({ gold: z.number().int() }), tide: z.object({ level: z.number() }) },
});

/** A game that uses every part of the definition. */
export const harbour = defineGame({
  name: "harbour",
  messages,
  // Handlers come first here on purpose: the order of the parts does not matter for their types.
  entered(it) {
    it.changeWorld("visitors", "came", { name: it.player.name });
  },
  left(it) {
    it.set({ visits: it.character.visits + 1 });
  },
  stepped(it, cell) {
    if (cell.x === 0) it.warp({ map: "harbour", x: 5, y: 5 });
  },
  said(it, text) {
    if (text === "higher") it.set({ gold: it.character.gold + 1 });
  },
  opened(it) {
    it.after(1_000, "tide", { level: 1 });
  },
  tick: {
    everyMs: 1_000,
    run(it) {
      it.setMap({ ticks: it.map.state.ticks + 1 });
    },
  },
  timers: {
    tide: {
      data: z.object({ level: z.number() }),
      run(it, data) {
        it.sendAll("tide", { level: data.level });
        it.after(500, "ebb");
      },
    },
    ebb: {
      data: null,
      run(it) {
        it.setMap({ ticks: 0 });
      },
    },
  },
  character: {
    schema: z.object({
      gold: z.number().int().min(0),
      visits: z.number().int(),
      title: z.string().max(20).optional(),
      bag: z.record(z.string(), z.number()),
    }),
    version: 2,
    initial: { gold: 10, visits: 0, bag: {} },
    migrations: { 1: (old) => ({ ...old, bag: {} }) },
    own: ["gold", "bag"],
    shown: ["title"],
  },
  map: {
    schema: z.object({ ticks: z.number(), name: z.string() }),
    initial: (map) => ({ ticks: 0, name: map.name }),
  },
  world: {
    visitors: {
      schema: z.object({ count: z.number(), last: z.string() }),
      initial: { count: 0, last: "" },
      changes: {
        came: {
          input: z.object({ name: z.string() }),
          apply: (state, input) => ({ count: state.count + 1, last: input.name }),
        },
        forgotten: { input: null, apply: () => ({ count: 0, last: "" }) },
      },
    },
  },
  worldChanged(it, key, state) {
    if (key === "visitors") it.sendAll("tide", { level: state.count });
  },
  items: { rope: { id: 1065, name: "Rope" } },
  actors: {
    mara: {
      kind: "npc",
      name: "Mara",
      class: 112,
      dialogue: {
        start: (it) => ({
          says: `Hello ${it.player.name}.`,
          choices: { Work: "work", Bye: null },
        }),
        work: { says: "Fetch a rope.", then: "more" },
        more(it) {
          it.set({ title: "Helper" });
          return { says: "Thank you." };
        },
      },
    },
    chest: {
      kind: "npc",
      name: "Chest",
      state: { opened: 0 },
      reachCells: 2,
      clicked(it) {
        it.setActor({ opened: it.actor.state.opened + 1 });
        it.say(`Creak ${it.actor.state.opened}`);
      },
    },
    crab: {
      kind: "monster",
      name: "Crab",
      mind: { wanders: 3, everyMs: 2_000, chases: 4 },
      touched(it) {
        it.set({ gold: Math.max(0, it.character.gold - 1) });
        it.remove(it.actor.id);
      },
    },
    shell: {
      kind: "item",
      name: "Shell",
      class: 900,
      taken(it) {
        const shells = it.character.bag["shell"] ?? 0;
        if (shells >= 2) it.refuse("no-room");
        it.set({ bag: { ...it.character.bag, shell: shells + 1 } });
      },
    },
    dock: { kind: "npc", name: "Dock", shop: [{ item: "rope", price: 5 }] },
  },
  bought(it, { item, amount, price }) {
    if (it.character.gold < price) it.refuse("too-dear");
    it.set({ gold: it.character.gold - price, bag: { ...it.character.bag, [item]: amount } });
  },
  commands: {
    "chest.open"(it, input) {
      const chest = it.actors("chest").find(({ id }) => id === input.chest);
      if (chest === undefined) it.refuse("no-chest");
      it.set({ gold: it.character.gold + 3 });
      it.send("chest.opened", { gold: it.character.gold });
    },
    rest(it) {
      it.spawn("shell", { x: it.player.x, y: it.player.y });
    },
  },
});
