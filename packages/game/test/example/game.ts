import { defineGame } from "@sallyport/game";
import { z } from "zod";
import { mara } from "./mara.ts";
import { messages } from "./messages.ts";

export default defineGame({
  name: "harbour",
  messages,
  character: {
    schema: z.object({
      gold: z.number().int().min(0),
      title: z.string().optional(),
      ropes: z.number().int(),
    }),
    version: 2,
    initial: { gold: 10, ropes: 0 },
    migrations: { 1: (old) => ({ ...old, ropes: 0 }) },
    own: ["gold", "ropes"],
    shown: ["title"],
  },
  map: { schema: z.object({ isFlood: z.boolean() }), initial: () => ({ isFlood: false }) },
  world: {
    chests: {
      schema: z.object({ opened: z.number().int() }),
      initial: { opened: 0 },
      changes: {
        opened: {
          input: z.object({ times: z.number().int() }),
          apply: (state, { times }) => ({ opened: state.opened + times }),
        },
      },
    },
  },
  objects: {
    zone: z.object({ toll: z.number().int().min(0).default(0) }),
    nest: z.object({ crabs: z.number().int().max(5) }),
  },
  opened(it) {
    for (const { x, y, properties } of it.objects("nest")) {
      for (let crab = 0; crab < properties.crabs; crab += 1) it.spawn("crab", { x, y });
    }
  },
  zoneEntered(it, { properties }) {
    it.set({ gold: Math.max(0, it.character.gold - properties.toll) });
  },
  left(it) {
    it.submitScore("Gold of the harbour", it.character.gold, "when the player left");
  },
  items: { rope: { id: 1065, name: "Rope" } },
  actors: {
    mara,
    chest: { kind: "npc", name: "Chest", state: { gold: 3 } },
    dock: { kind: "npc", name: "Rope seller", shop: [{ item: "rope", price: 5 }] },
    crab: {
      kind: "monster",
      name: "Crab",
      mind: { wanders: 5, everyMs: 3_000, chases: 6 },
      touched(it) {
        it.set({ gold: Math.max(0, it.character.gold - 1) });
        it.say("Snap!");
      },
    },
  },
  commands: {
    "chest.open"(it, input) {
      const chest = it.actors("chest").find(({ id }) => id === input.chest);
      if (chest === undefined) return it.refuse("no-chest");
      it.remove(chest.id);
      it.set({ gold: it.character.gold + chest.state.gold });
      it.send("chest.opened", { gold: chest.state.gold });
      it.changeWorld("chests", "opened", { times: 1 });
      it.after(60_000, "refill", { x: chest.x, y: chest.y });
    },
  },
  bought(it, { amount, price }) {
    if (it.character.gold < price) return it.refuse("too-dear");
    it.set({ gold: it.character.gold - price, ropes: it.character.ropes + amount });
  },
  timers: {
    refill: {
      data: z.object({ x: z.number(), y: z.number() }),
      run(it, cell) {
        it.spawn("chest", cell);
      },
    },
  },
  tick: {
    everyMs: 10_000,
    run(it) {
      it.setMap({ isFlood: it.random() < 0.1 });
    },
  },
});
