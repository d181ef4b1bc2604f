import { startFloor } from "../contenders/floor.ts";
import { startOurs } from "../contenders/ours.ts";
import { inTurns, measureLoad, playOnce } from "../measure.ts";
import type { Case } from "../report.ts";
import { accountNames, clientsOf, password, type Scenario } from "./scenario.ts";

/**
 * The number of accounts beyond one for each client, so that no account is used again right after its client
 * left.
 */
const restingAccounts = 16;
/** Farther apart than players see, so that no player gets events about others during a hop. */
const cellsApart = 32;
const loginClients = 16;

/**
 * Measures full hops, in which clients log in, choose, enter the map and leave. Then measures logins alone.
 * The login-server remembers the raw passwords. The bound is the floor.
 */
export const hop: Scenario = {
  name: "full hop",
  async measure(stage) {
    const { size, rig, tell } = stage;
    const accounts = accountNames(Math.max(loginClients, ...size.clients) + restingAccounts);
    const options = { rig, accounts, password, cellsApart, settings: {}, tell };
    const contenders = { bare: await startFloor(options), ours: await startOurs(options) };
    const measureBoth = async (type: "hop" | "log in", clients: number, scenario: string): Promise<Case> => {
      const play = (side: keyof typeof contenders) => {
        const { login, pids } = contenders[side];
        return measureLoad(stage, pids, { act: { type, login, password }, accounts, clients });
      };
      const names = { scenario, name: clientsOf(clients), bound: "floor" };
      return inTurns(
        stage,
        { ...names, unit: type === "hop" ? "hops" : "logins" },
        { ours: () => play("ours"), bare: () => play("bare") },
      );
    };
    tell(`${accounts.length} accounts play once`);
    for (const { login } of Object.values(contenders)) {
      await playOnce(stage, { act: { type: "hop", login, password }, accounts, clients: loginClients });
    }
    const cases: Case[] = [];
    for (const clients of size.clients) cases.push(await measureBoth("hop", clients, "full hop"));
    cases.push(await measureBoth("log in", loginClients, "remembered login"));
    return cases;
  },
};
