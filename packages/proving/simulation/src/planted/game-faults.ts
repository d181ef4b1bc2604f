import type { SourceFault } from "./source-fault.ts";

const playedGame = "packages/map-server/test/game.test.ts";
const playedHarbour = "packages/sample-world/test/harbour.test.ts";

/** Planted faults in a game, and in how its effects are carried out. */
export const gameFaults: readonly SourceFault[] = [
  {
    name: "a chest gives without a look at who opened it",
    file: "packages/sample-world/src/game.ts",
    find: `          if (diary.opened.includes(chest)) return { says: "Empty. You have been here before." };`,
    put: ``,
    note: "Players become rich.",
    test: { file: playedHarbour, title: "gives gold to each character once" },
  },
  {
    name: "what a handler did before it refused is kept",
    file: "packages/game-core/src/map/run-handler.ts",
    find: `    transaction.rollBack();
    if (error instanceof Refusal)`,
    put: `    if (!(error instanceof Refusal)) transaction.rollBack();
    if (error instanceof Refusal)`,
    note: "A player pays for what it does not get.",
    test: { file: playedHarbour, title: "sells no more than the bag holds" },
  },
  {
    name: "an item that was taken stays on the floor",
    file: "packages/game-core/src/map/clicks.ts",
    find: `    remove(transaction, pair.actor);
    return returned;`,
    put: `    return returned;`,
    note: "Everybody takes the same shell, again and again.",
    test: { file: playedHarbour, title: "lie on the beach, and come back a minute after they are taken" },
  },
  {
    name: "what a game changes is not saved",
    file: "packages/map-server/src/game/running-game.ts",
    find: `        player.attributes = effect.character.attributes;`,
    put: ``,
    note: "Players lose what they got.",
    test: { file: playedGame, title: "it computes the attributes that are saved, and their migrations" },
  },
  {
    name: "a game does not learn of the last step before a player leaves",
    file: "packages/map-server/src/places.ts",
    find: `    runner?.advance();`,
    put: ``,
    note: "A trap on that cell does nothing.",
    test: { file: playedGame, title: "a step that is due when the player leaves still counts" },
  },
];
