import { allInTurns, measureWhole } from "../measure.ts";
import type { Case } from "../report.ts";
import type { Scenario } from "./scenario.ts";

/**
 * A new process of a server reclaims the locks of its dead process: it finds, reads and changes each lock.
 * The bound does the same number of loads and compare-and-sets in batches of the same size.
 */
export const reclaim: Scenario = async (stage) => {
  const { size, rig, generators, tell } = stage;
  const { url, pid } = await rig.startRedis({ persistent: true, fsync: "everysec" });
  const process = generators.pids[0] ?? 0;
  const stores = {
    memory: { redisUrl: null, pids: { process } },
    Redis: { redisUrl: url, pids: { process, redis: pid } },
  };
  const cases: Case[] = [];
  for (const [name, { redisUrl, pids }] of Object.entries(stores)) {
    tell(`${size.locks} locks are stored on each side: ${name}`);
    for (const by of ["locks", "bare"] as const) {
      await generators.plant({ by, redisUrl, locks: size.locks });
    }
    const side = (by: "locks" | "bare") => async () => [
      await measureWhole(stage, pids, () => generators.reclaim(by)),
    ];
    const names = { scenario: "reclaim", name: `${size.locks} locks, ${name}`, unit: "locks" };
    cases.push(
      ...(await allInTurns(stage, [{ ...names, bound: "bare changes" }], {
        ours: side("locks"),
        bare: side("bare"),
      })),
    );
  }
  return { cases, figures: [] };
};
