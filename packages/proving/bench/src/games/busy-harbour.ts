import { defineGame, type Game } from "@sallyport/game";
import harbour from "@sallyport/sample-world";

const { definition } = harbour;

/** The sample world with fishers who walk about. They disturb no player. */
export default defineGame({
  ...definition,
  actors: {
    ...definition.actors,
    fisher: { kind: "monster", name: "Fisher", class: 704, mind: { wanders: 6, everyMs: 2_500 } },
  },
} as never) as Game;
