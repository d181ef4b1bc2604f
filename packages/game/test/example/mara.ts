import type { NpcDefinition, Shape } from "@sallyport/game";

/** The part of the game that Mara needs. */
interface Harbour extends Shape {
  readonly character: { gold: number; title?: string | undefined };
  readonly actors: { mara: object };
}

export const mara: NpcDefinition<Harbour, "mara"> = {
  kind: "npc",
  name: "Mara",
  class: 112,
  dialogue: {
    start: (it) => ({
      says: `Hello ${it.player.name}. Will you help me?`,
      choices: { "Yes, gladly.": "accept", "Not now.": null },
    }),
    accept: { says: "Then take this.", then: "thanks" },
    thanks(it) {
      it.set({ gold: it.character.gold + 5, title: "Helper" });
      return { says: "Five gold, and my thanks." };
    },
  },
};
