import { startOurs } from "../contenders/ours.ts";
import { inTurns, measureLoad } from "../measure.ts";
import type { Case } from "../report.ts";
import { hopFirst, type Wire } from "./hop.ts";
import { clientsOf, hopAccountNames, password, type Scenario, standingAccounts } from "./scenario.ts";

/** All clients have one address. So the limits are counted, and too high for anybody to reach. */
const counted = {
  LIMITS_EXEMPT: "none",
  LOGIN_ATTEMPTS_PER_ADDRESS: "10000",
  LOGIN_OFFERS_PER_ADDRESS: "1000000",
};

/** Measures hops with limits on logins. The bound is the same servers without limits. */
export const limits: Scenario = async (stage) => {
  const { size, rig, standing, tell } = stage;
  const without = await standing.ours();
  const withLimits = await startOurs({ rig, accounts: standingAccounts(size), tell, settings: counted });
  const cases: Case[] = [];
  for (const wire of ["ragnarok", "native"] satisfies Wire[]) {
    const accounts = hopAccountNames(size);
    const sideOf = async ({ doors, pids }: typeof without) => {
      const act = { type: "hop", wire, password, login: doors.login[wire] } as const;
      await hopFirst(stage, act);
      return () => measureLoad(stage, pids, { act, accounts, clients: size.atOnce });
    };
    const [bare, ours] = [await sideOf(without), await sideOf(withLimits)];
    const scenario = `limits on logins, full hop, ${wire === "native" ? "native" : "Ragnarok"}`;
    const names = { scenario, name: clientsOf(size.atOnce), unit: "hops", bound: "none" };
    cases.push(await inTurns(stage, names, { ours, bare }));
  }
  return { cases, figures: [] };
};
