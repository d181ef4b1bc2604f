import { defineGame } from "@sallyport/game";
import { z } from "zod";

const besideTheSpawn = { x: 41, y: 33 };

export default defineGame({
  name: "my-game",
  character: {
    schema: z.object({ gold: z.number().int().min(0), hasKey: z.boolean() }),
    initial: { gold: 0, hasKey: false },
    own: ["gold", "hasKey"],
  },
  actors: {
    mara: {
      kind: "npc",
      name: "Mara",
      class: 112,
      dialogue: {
        start: (it) =>
          it.character.hasKey
            ? { says: "The chest is west of me." }
            : { says: `Hello ${it.player.name}! A key?`, choices: { "Yes, please.": "gives", "No.": null } },
        gives(it) {
          it.set({ hasKey: true });
          return { says: "It fits the chest over there." };
        },
      },
    },
    treasure: {
      kind: "npc",
      name: "Chest",
      class: 1324,
      clicked(it) {
        if (!it.character.hasKey) return it.say("It is locked.");
        it.set({ gold: it.character.gold + 5, hasKey: false });
        it.say(`${it.player.name} finds 5 gold!`);
        it.remove(it.actor.id);
        it.after(10_000, "refill");
      },
    },
  },
  opened(it) {
    if (it.map.name === "harbour") it.spawn("treasure", besideTheSpawn);
  },
  timers: {
    refill: {
      data: null,
      run(it) {
        it.spawn("treasure", besideTheSpawn);
      },
    },
  },
});
