import { startFanOut } from "../contenders/fan-out.ts";
import { allInTurns, measureWhole } from "../measure.ts";
import { Players } from "./players.ts";
import type { Scenario } from "./scenario.ts";

const walkEveryMs = 1_000;

/**
 * Measures many players that walk back and forth out of sight of each other. The bound is a map door that
 * answers each walk and does nothing else. The number of walks per second is fixed, so compare the processor
 * time.
 */
export const walkersOf =
  (count: number): Scenario =>
  async (stage) => {
    const { size, tell, generators } = stage;
    const scenario = "spread out";
    const players = await Players.open(stage, count, "apart");
    const bare = await startFanOut(stage.rig, "apart");
    const walks = { everyMs: walkEveryMs, forMs: size.seconds * 1_000 };
    const names = { scenario, unit: "walks", bound: "bare answers", name: `${count} walk` };
    const cases = await allInTurns(stage, [names], {
      ours: async () => {
        tell(`${count} come`);
        await players.comeWell();
        await players.look();
        const walked = await measureWhole(stage, players.ours.pids, () => generators.walk(walks));
        await players.leave();
        return [walked];
      },
      bare: async () => {
        await generators.come({ ...players.load, to: { map: bare.map } });
        const walked = await measureWhole(stage, bare.pids, () => generators.walk(walks));
        await generators.ask("leave");
        return [walked];
      },
    });
    return { cases, figures: players.figuresOf(scenario) };
  };

/** Measures the resources of servers with many players that only stand, out of sight of each other. */
export const holdOf =
  (count: number): Scenario =>
  async (stage) => {
    const { size, tell } = stage;
    const players = await Players.open(stage, count, "apart");
    for (let nth = 1; nth <= size.rounds; nth += 1) {
      tell(`${count} come and stay, round ${nth} of ${size.rounds}`);
      await players.comeWell();
      await players.look();
      await players.leave();
    }
    return { cases: [], figures: players.figuresOf("hold") };
  };
