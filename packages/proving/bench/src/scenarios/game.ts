import { type GameName, type GameServer, type Games, gameNames, startGames } from "../contenders/games.ts";
import { locksAreFree } from "../contenders/locks-are-free.ts";
import { quantileBetween } from "../histogram-quantile.ts";
import { allInTurns, inTurns, measureLoad, measureWhole, playFirst } from "../measure.ts";
import { type Case, type Figure, figureOf, type Round } from "../report.ts";
import { accountNames, clientsOf, password, type Scenario, type Stage } from "./scenario.ts";

/** Players this far apart see their neighbours and nobody else. */
const cellsApart = 10;
const walkEveryMs = 1_000;
const bound = "no game" satisfies GameName;

/**
 * Measures what a game costs: hops and walks of players on a map-server with the sample world. The bound is a
 * map-server without a game, in the same cluster. Also measures how long the rounds of a map take.
 */
export const gameOf =
  (players: number, fishers: number): Scenario =>
  async (stage) => {
    const { rig, tell } = stage;
    const names = accountNames(gameNames.length * players);
    const games = await startGames({ rig, tell, names, password, cellsApart, fishers });
    const hops = await hopsIn(games, stage);
    const fields = new Map(gameNames.map((name) => [name, new Field(stage, games, games.servers[name])]));
    const scenario = "game, walking";
    const walks: Case[] = [];
    const named: readonly (readonly [GameName, string])[] = [
      ["sample world", `${players} players`],
      ["busy sample world", `${players} players, ${fishers} fishers`],
    ];
    for (const [game, name] of named) {
      const sides = [fields.get(game), fields.get(bound)] as const;
      walks.push(
        ...(await allInTurns(stage, [{ scenario, name, unit: "walks", bound }], {
          ours: async () => [await walksOf(sides[0])],
          bare: async () => [await walksOf(sides[1])],
        })),
      );
    }
    const figures = [...fields].flatMap(([name, field]) => field.figuresOf(scenario, name));
    return { cases: [hops, ...walks], figures };
  };

async function hopsIn({ login, servers }: Games, stage: Stage): Promise<Case> {
  const { atOnce, warmUp } = stage.size;
  const act = { type: "hop", wire: "ragnarok", login: login.ragnarok, password } as const;
  const loadOf = ({ accounts }: GameServer) => ({
    act,
    accounts: accounts.slice(0, 2 * atOnce),
    clients: atOnce,
  });
  const [ours, bare] = [servers["sample world"], servers[bound]];
  for (const server of [ours, bare]) await playFirst(stage, loadOf(server), warmUp);
  const names = { scenario: "game, full hop", name: clientsOf(atOnce), unit: "hops", bound };
  return inTurns(stage, names, {
    ours: () => measureLoad(stage, ours.pids, loadOf(ours)),
    bare: () => measureLoad(stage, bare.pids, loadOf(bare)),
  });
}

const walksOf = (field: Field | undefined): Promise<Round> => {
  if (field === undefined) throw new Error("no such game");
  return field.walk();
};

const histograms = { round: "sallyport_map_round_seconds", late: "sallyport_movement_late_seconds" };
const quantiles = { p50: 0.5, p99: 0.99 };

/** Players on the map of one game. */
class Field {
  readonly #stage: Stage;
  readonly #games: Games;
  readonly #server: GameServer;
  /** By name of the figure: milliseconds, one for each time that the players walked. */
  readonly #ms = new Map<string, number[]>();

  constructor(stage: Stage, games: Games, server: GameServer) {
    this.#stage = stage;
    this.#games = games;
    this.#server = server;
  }

  /** All players come, walk back and forth, and leave. */
  async walk(): Promise<Round> {
    const { generators, size } = this.#stage;
    const { login, char, redisUrl } = this.#games;
    const { accounts, pids } = this.#server;
    const to = { by: "proof", login: login.native, char, password } as const;
    const { failures } = await generators.come({ to, accounts, atOnce: size.atOnce, others: 0 });
    if (Object.keys(failures).length > 0) throw new Error(`did not come: ${JSON.stringify(failures)}`);
    const before = await this.#server.metrics();
    const walks = { everyMs: walkEveryMs, forMs: size.seconds * 1_000 };
    const walked = await measureWhole(this.#stage, pids, () => generators.walk(walks));
    const after = await this.#server.metrics();
    for (const [what, metric] of Object.entries(histograms)) {
      const [old, now] = [before, after].map((read) => read.by(`${metric}_bucket`, "le"));
      for (const [name, quantile] of Object.entries(quantiles)) {
        const ms = 1_000 * quantileBetween(old ?? {}, now ?? {}, quantile);
        const key = `${what}, ${name}`;
        this.#ms.set(key, [...(this.#ms.get(key) ?? []), ms]);
      }
    }
    await generators.ask("leave");
    await locksAreFree(redisUrl);
    return walked;
  }

  figuresOf(scenario: string, game: GameName): readonly Figure[] {
    return [...this.#ms].map(([name, all]) =>
      figureOf(
        { scenario, name: `${game}, ${name}`, unit: "ms" },
        all.map((map) => ({ map })),
      ),
    );
  }
}
