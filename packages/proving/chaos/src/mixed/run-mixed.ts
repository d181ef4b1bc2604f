import { Stop } from "@sallyport/bots";
import { Random } from "@sallyport/random";
import { playerProtocols } from "@sallyport/rig";
import { Credentials, systemClock } from "@sallyport/sdk";
import { addressOf, passwordOf } from "../bots/recorded-visitor.ts";
import { judge, type Verdict } from "../checks/judge.ts";
import { readCharacters } from "../cluster/audit.ts";
import { type ChaosCluster, startChaosCluster } from "../cluster/chaos-cluster.ts";
import { serverNames } from "../cluster/names.ts";
import { History } from "../history/history.ts";
import { stepMs } from "../timing.ts";
import { windUp } from "../wind-up.ts";
import { banGuests } from "./bans.ts";
import { Hearing } from "./hearing.ts";
import { mixedChecks } from "./mixed-checks.ts";
import { firstProtocol, MixedClient, type MixedRecord } from "./mixed-client.ts";

export interface MixedOptions {
  readonly clients: number;
  /** Each client comes at least this often. */
  readonly visits: number;
  /** Each client comes again and again for this long. */
  readonly durationMs: number;
  readonly seed: number;
  readonly settings: Readonly<Record<string, string>>;
  readonly tell: (line: string) => void;
}

export interface MixedRun {
  readonly history: History;
  readonly verdict: Verdict;
  readonly hearing: Hearing;
  readonly records: readonly MixedRecord[];
}

/** Milliseconds between new clients. Each costs a password hash. */
const beginMs = 80;
const tellEveryMs = 10_000;
const lookEveryMs = 1_000;

const mixedSettings: Readonly<Record<string, string>> = {
  MAP_AUTOSAVE_SECONDS: "1",
  MAP_STEP_MS: String(stepMs),
};
/** The longest timer for an account without a client is that of a login which goes no further: 30 s. */
const locksMs = 40_000;

/** Clients of all protocols live in one world of real servers, and nothing is broken. */
export async function runMixed(options: MixedOptions): Promise<MixedRun> {
  const { tell, clients, settings } = options;
  const history = new History();
  const names = Array.from({ length: clients }, (_, nth) => `mix_${nth}`);
  tell("starting Redis, Postgres, the servers, and a proxy before each port");
  const cluster = await startChaosCluster({
    settings: { ...mixedSettings, ...settings },
    secrets: names.map(passwordOf),
    saw: history.saw,
  });
  try {
    return await live(options, cluster, history, names);
  } finally {
    await cluster.stop();
  }
}

async function live(
  { seed, visits, durationMs, tell }: MixedOptions,
  cluster: ChaosCluster,
  history: History,
  names: readonly string[],
): Promise<MixedRun> {
  const { entrances, databaseUrl } = cluster;
  const stop = new Stop(systemClock);
  const credentials = new Credentials({ entriesMax: names.length });
  const hearing = new Hearing(playerProtocols.map(({ name }) => name));
  const shared = { entrances, credentials, saw: history.saw, stop, stepMs };
  const untilMs = performance.now() + durationMs;
  const clients = names.map((character, nth) => {
    const login = firstProtocol(nth).registersEmail ? `${character}@example.org` : character;
    return new MixedClient({
      ...shared,
      ...{ nth, hearing, from: addressOf(nth) },
      account: { login, password: passwordOf(character), character },
      random: new Random(`seed ${seed}`).fork(`client ${nth}`),
      isEnough: (count) => count >= visits && performance.now() >= untilMs,
    });
  });
  const visited = (): number => clients.reduce((sum, { record }) => sum + record.visits.length, 0);
  const looking = setInterval(() => {
    for (const name of serverNames) cluster.servers[name].lookAtMemory();
  }, lookEveryMs);
  const telling = setInterval(
    () => tell(`${clients.filter(({ isIn }) => isIn).length} in the world, ${visited()} visits are over`),
    tellEveryMs,
  );
  try {
    tell(`${names.length} clients come`);
    await Promise.all(
      clients.map(async (client, nth) => {
        await stop.wait(nth * beginMs);
        await client.run();
      }),
    );
    tell("all have left; banning guests by their addresses");
    const bans = await banGuests({ ...shared, databaseUrl });
    const charIds = await readCharacters(databaseUrl);
    const aftermath = await windUp(cluster, history, { tell, locksMs });
    const records = clients.map(({ record }) => record);
    const checks = mixedChecks(history, { records, hearing, bans, charIds });
    const verdict = judge(history, { ...aftermath, homecomings: null, players: names.length }, checks);
    return { history, verdict, hearing, records };
  } finally {
    stop.ask();
    clearInterval(looking);
    clearInterval(telling);
  }
}
