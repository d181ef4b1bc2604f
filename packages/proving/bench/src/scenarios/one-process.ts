import { startUp } from "../contenders/ours.ts";
import { inTurns, measureLoad } from "../measure.ts";
import { hopFirst } from "./hop.ts";
import { clientsOf, hopAccountNames, password, type Scenario, standingAccounts } from "./scenario.ts";

const clientsMax = 64;

/**
 * Measures hops in one process that runs all tiers and keeps the locks in its memory. The bound is three
 * processes that keep the locks in Redis. Both sides use Postgres.
 */
export const oneProcess: Scenario = async (stage) => {
  const { size, rig, standing, tell } = stage;
  const clients = Math.min(clientsMax, Math.max(...size.clients));
  const accounts = hopAccountNames(size);
  const [three, one] = [
    await standing.ours(),
    await startUp({ rig, accounts: standingAccounts(size), tell }),
  ];
  const load = ({ login }: Pick<typeof one, "login">) =>
    ({ act: { type: "hop", wire: "ragnarok", login, password }, accounts, clients }) as const;
  for (const each of [three, one]) await hopFirst(stage, load(each).act);
  const names = { scenario: "one process", name: clientsOf(clients), unit: "hops", bound: "three processes" };
  const only = await inTurns(stage, names, {
    ours: () => measureLoad(stage, one.pids, load(one)),
    bare: () => measureLoad(stage, three.pids, load(three)),
  });
  return { cases: [only], figures: [] };
};
