import type { Pids } from "../contenders/contender.ts";
import { startFanOut } from "../contenders/fan-out.ts";
import { startOurs } from "../contenders/ours.ts";
import type { CrowdLoad } from "../generator/orders.ts";
import { allInTurns, measureWhole, playOnce } from "../measure.ts";
import type { Round } from "../report.ts";
import { accountNames, password, type Scenario, type Stage } from "./scenario.ts";

const atOnce = 16;

/**
 * Many clients come through all doors to one cell. When each client sees all others, all leave. The bound is
 * a map door that sends the same bytes and does nothing else.
 */
export const crowd: Scenario = {
  name: "crowd",
  async measure(stage) {
    const { size, rig, tell } = stage;
    const accounts = accountNames(size.crowd);
    const ours = await startOurs({ rig, accounts, password, cellsApart: 0, settings: {}, tell });
    const bare = await startFanOut(rig);
    tell(`${accounts.length} accounts log in once`);
    const login = { login: ours.login, password };
    await playOnce(stage, { act: { type: "log in", ...login }, accounts, clients: atOnce });
    const names = { scenario: "crowd on one cell", unit: "players", bound: "fan-out" };
    const cases = [
      { ...names, name: `${size.crowd} come, ${atOnce} at once` },
      { ...names, name: `${size.crowd} leave` },
    ];
    return allInTurns(stage, cases, {
      ours: () => comeAndLeave(stage, ours.pids, { to: login, accounts, atOnce }),
      bare: () => comeAndLeave(stage, bare.pids, { to: { map: bare.map }, accounts, atOnce }),
    });
  },
};

async function comeAndLeave(
  stage: Stage,
  pids: Pids,
  load: Omit<CrowdLoad, "others">,
): Promise<readonly Round[]> {
  const came = await measureWhole(stage, pids, () => stage.generators.come(load));
  const left = await measureWhole(stage, pids, () => stage.generators.ask("leave"));
  return [came, left];
}
