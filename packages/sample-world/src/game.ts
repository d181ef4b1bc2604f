import { defineGame } from "@sallyport/game";
import { z } from "zod";
import { type Character, changed, characterSchema, hasRoom, newcomer } from "./character.ts";
import { gifts, prices, uses, wareName, wares } from "./goods.ts";
import { mara } from "./mara.ts";
import { messages } from "./messages.ts";
import { slimeCommands, slimeMessages } from "./slime.ts";

/** The sea brings a shell back after this time. */
const tideMs = 60_000;
/** People within this many cells see what somebody does. */
const nearCells = 8;

/** Where a way leads. */
const way = z.object({ to: z.string(), toX: z.number(), toY: z.number() });

export default defineGame({
  name: "harbour",
  messages: {
    commands: { ...messages.commands, ...slimeMessages.commands },
    events: { ...messages.events, ...slimeMessages.events },
  },

  character: {
    schema: characterSchema,
    version: 2,
    initial: newcomer,
    // Map-servers without a game once counted steps, and nothing else.
    migrations: { 0: () => newcomer, 1: (old: Omit<Character, "lines">) => ({ ...old, lines: 0 }) },
    own: ["gold", "bag", "quest", "title", "slime"],
    shown: ["title", "slimeLooks"],
  },

  world: {
    visitors: {
      schema: z.object({ count: z.number().int() }),
      initial: { count: 0 },
      changes: {
        came: { input: null, apply: ({ count }) => ({ count: count + 1 }) },
      },
    },
  },

  items: wares,

  /** The properties of map objects. A map with others is refused, and the error names the object. */
  objects: {
    chest: z.object({ chest: z.string() }),
    door: way,
    troll: way,
    zone: z.object({ title: z.string() }),
  },

  actors: {
    mara,

    /** Has a gift for each character, once. */
    chest: {
      kind: "npc",
      name: "Old chest",
      class: 1324,
      dialogue: {
        start(it) {
          const { gold, diary } = it.character;
          const { chest } = it.actor.properties;
          if (diary.opened.includes(chest)) return { says: "Empty. You have been here before." };
          it.set({ gold: gold + gifts.chest, diary: { ...diary, opened: [...diary.opened, chest] } });
          it.send("chest.opened", { gold: gifts.chest });
          return { says: `The lid creaks. ${gifts.chest} gold, and a note: "For whoever comes by."` };
        },
      },
    },

    stall: {
      kind: "npc",
      name: "Tobin",
      class: 83,
      shop: wareName.options.map((item) => ({ item, price: prices[item] })),
    },

    sign: {
      kind: "npc",
      name: "Sign",
      class: 837,
      dialogue: {
        start(it) {
          const { count: visitors } = it.world("visitors");
          it.send("sign.read", { visitors });
          return { says: `Welcome to the harbour.\nVisitors so far: ${visitors}` };
        },
      },
    },

    door: {
      kind: "npc",
      name: "Tavern door",
      class: 45,
      clicked(it) {
        const { to, toX, toY } = it.actor.properties;
        it.warp({ map: to, x: toX, y: toY });
      },
    },

    shell: {
      kind: "item",
      name: "Shell",
      class: 935,
      state: { isFromSea: true },
      taken(it) {
        const { bag, diary } = it.character;
        if (!hasRoom(bag, 1)) return it.refuse("no-room");
        it.set({ bag: changed(bag, "shell", 1), diary: { ...diary, found: diary.found + 1 } });
        if (it.actor.state.isFromSea) it.after(tideMs, "tide", { x: it.actor.x, y: it.actor.y });
      },
    },

    troll: {
      kind: "monster",
      name: "Moss troll",
      class: 1014,
      mind: { wanders: 6, everyMs: 2_500, chases: 5 },
      touched(it) {
        const { bag, diary } = it.character;
        it.say("Boo!");
        if (bag.shell > 0) {
          it.set({ bag: changed(bag, "shell", -1), diary: { ...diary, lost: diary.lost + 1 } });
          it.spawn("shell", it.player, { state: { isFromSea: false } });
        }
        const { to, toX, toY } = it.actor.properties;
        it.warp({ map: to, x: toX, y: toY });
      },
    },
  },

  said(it) {
    it.set({ lines: it.character.lines + 1 });
  },

  timers: {
    tide: {
      data: z.object({ x: z.number().int(), y: z.number().int() }),
      run(it, cell) {
        it.spawn("shell", cell);
      },
    },
  },

  entered(it) {
    if (it.character.isCounted) return;
    it.set({ isCounted: true });
    it.changeWorld("visitors", "came");
  },

  zoneEntered(it, zone) {
    it.send("zone.entered", { title: zone.properties.title });
  },

  worldChanged(it, _, { count: visitors }) {
    it.sendAll("visitor.came", { visitors });
  },

  bought(it, { item, amount, price }) {
    const { gold, bag, diary } = it.character;
    if (gold < price) return it.refuse("too-dear");
    it.set({ gold: gold - price });
    // Nothing of a refused purchase happens, so this gives the price back too.
    if (!hasRoom(bag, amount)) return it.refuse("no-room");
    it.set({
      bag: changed(bag, item, amount),
      diary: { ...diary, bought: changed(diary.bought, item, amount) },
    });
  },

  commands: {
    ...slimeCommands,
    "bag.use"(it, { item }) {
      const { bag, diary } = it.character;
      if (bag[item] === 0) return it.refuse("not-in-bag");
      const { isUsedUp, text } = uses[item];
      if (isUsedUp) {
        it.set({ bag: changed(bag, item, -1), diary: { ...diary, used: changed(diary.used, item, 1) } });
      }
      it.sendNear(it.player, nearCells, "bag.used", { by: it.player.name, item, text });
    },
  },
});
