import { availableParallelism } from "node:os";
import { startOurs } from "../contenders/ours.ts";
import { inTurns, measureLoad, playOnce } from "../measure.ts";
import { accountNames, clientsOf, password, type Scenario } from "./scenario.ts";

const clients = 16;
const settings = { LOGIN_REMEMBER_MS: "0" };

/**
 * Logins with raw passwords, each of which costs a hash. The bound is argon2id alone with the same
 * parameters.
 */
export const coldLogin: Scenario = {
  name: "cold login",
  async measure(stage) {
    const { rig, tell } = stage;
    const accounts = accountNames(clients);
    const ours = await startOurs({ rig, accounts, password, cellsApart: 1, settings, tell });
    const logins = { act: { type: "log in", login: ours.login, password }, accounts, clients } as const;
    await playOnce(stage, logins);
    const atOnce = availableParallelism();
    const hashes = { act: { type: "hash" }, accounts, clients: Math.min(atOnce, clients) } as const;
    const names = { scenario: "cold login", name: clientsOf(clients), unit: "logins" };
    const one = await inTurns(
      stage,
      { ...names, bound: `argon2id, ${hashes.clients} at once` },
      {
        ours: () => measureLoad(stage, ours.pids, logins),
        bare: () => measureLoad(stage, {}, hashes),
      },
    );
    return [one];
  },
};
