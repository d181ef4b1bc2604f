import type { NpcDefinition, Shape } from "@sallyport/game";
import { type Character, changed } from "./character.ts";
import { gifts, questShells } from "./goods.ts";

/** The part of the game that Mara needs. */
interface Harbour extends Shape {
  readonly character: Character;
  readonly actors: { mara: object };
}

export const mara: NpcDefinition<Harbour, "mara"> = {
  kind: "npc",
  name: "Mara",
  class: 112,
  dialogue: {
    start({ character: { quest, bag }, player }) {
      if (quest === "done") return { says: `Good to see you, ${player.name}. My necklace is lovely.` };
      if (quest === "none") {
        return {
          says: `Hello ${player.name}. I would love a necklace. Will you bring me ${questShells} shells?`,
          choices: { "Yes, gladly.": "accepted", "Not today.": null },
        };
      }
      if (bag.shell < questShells) {
        return { says: `You have ${bag.shell} of ${questShells} shells. The sea leaves more on the beach.` };
      }
      return { says: "Are these for me?", choices: { "They are.": "reward", "I keep them.": null } };
    },
    accepted(it) {
      if (it.character.quest === "none") it.set({ quest: "asked" });
      return { says: "Thank you! Look on the beach. Mind the troll if you go to the forest." };
    },
    reward(it) {
      const { gold, bag, diary, quest } = it.character;
      // A page can come long after the page before, so it checks again.
      if (quest !== "asked" || bag.shell < questShells) return null;
      it.set({
        gold: gold + gifts.quest,
        bag: changed(bag, "shell", -questShells),
        quest: "done",
        title: "Friend of the harbour",
      });
      it.submitScore("Shell finders", diary.found);
      return { says: `How they shine! Take these ${gifts.quest} gold, and my thanks.` };
    },
  },
};
