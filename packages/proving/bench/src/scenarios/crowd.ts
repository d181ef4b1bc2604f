import { startFanOut } from "../contenders/fan-out.ts";
import { allInTurns, measureWhole, playFirst } from "../measure.ts";
import type { Measured } from "../report.ts";
import { Players } from "./players.ts";
import { accountNames, password, type Scenario, type Stage } from "./scenario.ts";

const scenario = "crowd on one cell";

/**
 * Measures many clients that come through all doors to one cell. They leave when each client sees all others.
 * The bound is a map door that sends the same bytes and does nothing else.
 */
export const crowdOf =
  (count: number): Scenario =>
  async (stage): Promise<Measured> => {
    const { tell, generators } = stage;
    const players = await Players.open(stage, count, "one cell");
    const bare = await startFanOut(stage.rig, "together");
    await logInOnce(stage, players, count);
    const names = { scenario, unit: "players", bound: "fan-out" };
    const cases = await allInTurns(
      stage,
      ["come", "leave"].map((what) => ({ ...names, name: `${count} ${what}` })),
      {
        ours: async () => {
          const came = await players.come();
          tell("they stand there");
          await players.look();
          return [came, await players.leave()];
        },
        bare: async () => [
          await measureWhole(stage, bare.pids, () =>
            generators.come({ ...players.load, to: { map: bare.map } }),
          ),
          await measureWhole(stage, bare.pids, () => generators.ask("leave")),
        ],
      },
    );
    return { cases, figures: players.figuresOf(scenario) };
  };

/** After these logins, the login-server remembers all passwords. */
async function logInOnce(stage: Stage, { ours }: Players, count: number): Promise<void> {
  stage.tell(`${count} accounts log in once`);
  const act = { type: "log in", wire: "ragnarok", login: ours.doors.login.ragnarok, password } as const;
  await playFirst(stage, { act, accounts: accountNames(count), clients: stage.size.atOnce });
}
