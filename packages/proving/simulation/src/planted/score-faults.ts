import type { SourceFault } from "./source-fault.ts";

const ofMapServer = "packages/map-server/src/scores.ts";
const ofCharServer = "packages/char-server/src/map-server-links.ts";
const sent = "packages/map-server/test/scores.test.ts";
const answered = "packages/char-server/test/saving-and-leaving.test.ts";

/** Planted faults in how scores of games go to the outbox. */
export const scoreFaults: readonly SourceFault[] = [
  {
    name: "a score is sent again under a new key",
    file: ofMapServer,
    find: `this.#link.submitScore(player, key, score)`,
    put: `this.#link.submitScore(player, key + Buffer.from(randomBytes(8)).toString("hex"), score)`,
    note: "What a player achieved once is on the board twice.",
    test: { file: sent, title: "is sent again under its key while the answer is: %s" },
  },
  {
    name: "a score without an answer is taken for stored",
    file: ofMapServer,
    find: `      told === null || told.ok || told.refusal === "lock-lost" ? null : retryMs,`,
    put: `      told !== null ? null : retryMs,`,
    note: "What a player achieved while the char-server restarted is on no board.",
    test: { file: sent, title: "is sent again under its key while the answer is: %s" },
  },
  {
    name: "a hop does not wait for the scores of its player",
    file: ofMapServer,
    find: `hop: (player, save) => first(player, () => link.hop(player, save)),`,
    put: `hop: (player, save) => link.hop(player, save),`,
    note: "A game that warps its winner away loses the score.",
    test: { file: sent, title: "waits until the scores of the player are stored" },
  },
  {
    name: "the score of an earlier owner is acknowledged",
    file: ofCharServer,
    find: `        return submitted;`,
    put: `        return submitted.ok ? submitted : accepted({});`,
    note: "A map-server that has lost a character goes on as if its scores counted.",
    test: { file: answered, title: "is refused if the map-server's fence is out of date" },
  },
];
