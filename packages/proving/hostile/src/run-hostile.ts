import { randomBytes } from "node:crypto";
import { type BotsProgress, type BotsReport, record, runBots } from "@sallyport/bots";
import { connectBy } from "@sallyport/rig";
import { until } from "@sallyport/testkit";
import type { Toll } from "./attack/attack.ts";
import { Attacking } from "./attack/attacking.ts";
import { attacks } from "./attack/attacks.ts";
import { markBytes } from "./attack/framing.ts";
import type { Order } from "./attack/orders.ts";
import { claimedMarks } from "./attack/proxy-headers.ts";
import { botNets, Sources } from "./attack/sources.ts";
import type { Allocator } from "./cluster/allocator.ts";
import { type Cluster, type LoggedServer, startCluster } from "./cluster/cluster.ts";
import { type Memory, measureMemory } from "./cluster/memory.ts";
import { openConnections } from "./cluster/open-connections.ts";
import { type Worst, watch } from "./cluster/watch.ts";
import { type HostileReport, type PortReport, phases, type ServerReport } from "./hostile-report.ts";
import { Talkers, type TalkReport } from "./talkers.ts";
import { judge } from "./verdict.ts";
import { type Way, type WayName, wayNames } from "./way.ts";

/*
 * The same bots play three times: before, during and after the attack. Half of them use the gateway. All bots
 * leave after each time, so that the run shows what the servers keep. Before the first time, bots and
 * attackers run once to warm up the servers. Without the warm-up, the attack would seem to cost memory that
 * the first run of any code costs: for code, for caches, and for sockets, whose memory glibc keeps. The
 * report shows the memory before the warm-up attack as `fresh`.
 */

export interface HostileOptions {
  readonly layout: "separate" | "up";
  /** In the layout `up` there is one. */
  readonly loginServers: number;
  readonly allocator: Allocator;
  /** The factor by which resident memory may grow. 1.1 allows a tenth more than before. */
  readonly residentGrowthMax: number;
  readonly bots: number;
  readonly seed: number;
  /** Milliseconds of each phase without attackers. */
  readonly quietMs: number;
  readonly floodMs: number;
  readonly patienceMs: number;
  /** Memory and connections have to return to normal within this many milliseconds. */
  readonly settleMs: number;
  /** Counts by the name of the attack. An attack that is missing here uses `Attack.count`. */
  readonly counts: Readonly<Record<string, number>>;
  readonly settings: Readonly<Record<string, string>>;
  /** The niceness of the attackers' process, 0 to 19. */
  readonly niceness: number;
  readonly tell: (line: string) => void;
}

/** The beginning of the names of bots, for each way. */
const namePrefixes: Readonly<Record<WayName, string>> = { direct: "bot", gateway: "gate" };
const warmMs = 5_000;

export async function runHostile(options: HostileOptions): Promise<HostileReport> {
  const marker = `x${randomBytes(12).toString("hex")}`;
  const secrets = [marker.slice(0, markBytes), ...claimedMarks, "has no secrets"];
  options.tell("starting Redis, Postgres and the servers");
  const cluster = await startCluster({ ...options, secrets });
  const attackers = new Attacking(options.niceness);
  try {
    return await new Run(options, cluster, attackers, marker).run();
  } finally {
    attackers.stop();
    await cluster.stop();
  }
}

interface Played {
  readonly bots: Readonly<Record<WayName, BotsReport>>;
  readonly talk: TalkReport;
  /** One entry for each server. */
  readonly worst: readonly Worst[];
}

class Run {
  readonly #options: HostileOptions;
  readonly #cluster: Cluster;
  readonly #attackers: Attacking;
  readonly #marker: string;
  readonly #talkers: Talkers;

  constructor(options: HostileOptions, cluster: Cluster, attackers: Attacking, marker: string) {
    this.#options = options;
    this.#cluster = cluster;
    this.#attackers = attackers;
    this.#marker = marker;
    const sources = new Sources(botNets.front, 2);
    this.#talkers = new Talkers({ ...cluster.front, address: () => sources.next().localAddress });
  }

  async run(): Promise<HostileReport> {
    const { seed, layout, allocator, residentGrowthMax, quietMs, tell } = this.#options;
    const { servers } = this.#cluster;
    const idle = this.#connections();
    tell("warming up: bots alone, then with all attackers");
    await this.#attackers.order(this.#order("prepare"));
    await this.#playFor(quietMs);
    await this.#settle(idle);
    const memoryFresh = await this.#each(({ process }) => measureMemory(process));
    await this.#playWhile(() => this.#attackers.order({ ...this.#order("attack"), ...this.#warm() }));
    await this.#settle(idle);

    tell("before the attack");
    const before = await this.#playFor(quietMs);
    await this.#settle(idle);
    const memoryBefore = await this.#each(({ process }) => measureMemory(process));
    const saidBefore = await this.#each(said);

    tell("attacking");
    let attack: { readonly tolls: Readonly<Record<string, Toll>>; readonly seconds: number } = {
      tolls: {},
      seconds: 0,
    };
    const during = await this.#playWhile(async () => {
      attack = await this.#attackers.order(this.#order("attack"));
    });
    await this.#settle(idle);
    const saidDuring = await this.#each(said);

    tell("after the attack");
    const after = await this.#playFor(quietMs);
    await this.#settle(idle);
    const memoryAfter = await this.#each(({ process }, nth) => {
      const toBytes = (memoryBefore[nth]?.collectedBytes ?? 0) * residentGrowthMax;
      return measureMemory(process, { toBytes, withinMs: this.#options.settleMs });
    });

    const played = { before, during, after };
    const report = {
      seed,
      layout,
      allocator,
      residentGrowthMax,
      attackSeconds: attack.seconds,
      bots: record(wayNames, (way) => record(phases, (phase) => played[phase].bots[way])),
      talk: record(phases, (phase) => played[phase].talk),
      servers: servers.map(({ process: { name, isRunning }, log }, nth): ServerReport => {
        const worst = record(phases, (phase) => played[phase].worst[nth] as Worst);
        const [from, to] = [saidBefore[nth] as Said, saidDuring[nth] as Said];
        return {
          name,
          isRunning,
          memory: {
            fresh: memoryFresh[nth] as Memory,
            before: memoryBefore[nth] as Memory,
            peakBytes: worst.during.residentBytes,
            after: memoryAfter[nth] as Memory,
          },
          worst,
          ended: difference(from.ended, to.ended),
          turnedAway: difference(from.turnedAway, to.turnedAway),
          logged: difference(from.logged, to.logged),
          loggedBytes: to.loggedBytes - from.loggedBytes,
          leaks: log.leaks.length,
        };
      }),
      ports: this.#portsOf(idle, this.#connections()),
      attacks: attacks.flatMap(({ attack: { name, what, forbidden = [] } }) => {
        const toll = attack.tolls[name];
        return toll === undefined ? [] : [{ name, what, ...toll, forbidden }];
      }),
    };
    return { ...report, problems: judge(report) };
  }

  #order(what: Order["do"]): Order {
    const { seed, counts, floodMs, patienceMs } = this.#options;
    const { targets, ways } = this.#cluster;
    const victim = `${namePrefixes.direct}_0`;
    const told = { marker: this.#marker, victim, floodMs, patienceMs };
    return { do: what, seed, counts, targets, ways, ...told };
  }

  #warm(): Partial<Order> {
    const { floodMs, patienceMs, seed } = this.#options;
    return { floodMs: Math.min(floodMs, warmMs), patienceMs: Math.min(patienceMs, warmMs), seed: seed + 1 };
  }

  #playFor(ms: number): Promise<Played> {
    const play = new AbortController();
    return this.#play(ms, play.signal, () => {});
  }

  /** Calls `run` when all bots are playing. The bots play until `run` has ended. */
  #playWhile(run: () => Promise<unknown>): Promise<Played> {
    const over = new AbortController();
    let running: Promise<unknown> | null = null;
    const playing = new Set<WayName>();
    const begin = (way: WayName, { phase, running: count, prepared }: BotsProgress): void => {
      if (phase === "playing" && count >= prepared) playing.add(way);
      if (running !== null || playing.size < wayNames.length) return;
      running = run().finally(() => over.abort());
    };
    return this.#play(Number.MAX_SAFE_INTEGER, over.signal, begin).then(async (played) => {
      await running;
      return played;
    });
  }

  async #play(
    durationMs: number,
    signal: AbortSignal,
    onProgress: (way: WayName, progress: BotsProgress) => void,
  ): Promise<Played> {
    const { bots, seed } = this.#options;
    const watching = watch(this.#cluster.servers.map(({ process }) => process));
    const silence = new AbortController();
    const talking = this.#talkers.talk(silence.signal);
    // A timer in Node cannot run longer than this.
    const longestMs = Math.min(durationMs, 2 ** 31 - 1);
    const reports = this.#cluster.ways.map(async (way: Way, nth) => {
      const { name, login } = way;
      const sources = new Sources(botNets[name], 1);
      const report = await runBots({
        ...{ seed: seed + nth, signal, connect: connectBy(way, () => sources.next()) },
        bots: Math.floor((bots + nth) / wayNames.length),
        login,
        namePrefix: namePrefixes[name],
        onProgress: (progress) => onProgress(name, progress),
        durationMs: longestMs,
        rampMs: Math.min(3_000, bots * 20),
      });
      return [name, report] as const;
    });
    const played = Promise.all(reports).finally(() => silence.abort());
    const byName = Object.fromEntries(await played) as Played["bots"];
    return { bots: byName, talk: await talking, worst: await watching.stop() };
  }

  #connections(): ReadonlyMap<number, number> | null {
    const { targets } = this.#cluster;
    // A resource-server gets its keys there every few seconds, at any time.
    const own = targets.filter(({ kind }) => kind === "keys-http").map(({ port }) => port);
    return openConnections(
      targets.map(({ port }) => port),
      new Set(own),
    );
  }

  /**
   * Waits until no connections are open except those from before the attacks. If others stay open, the
   * verdict reports them.
   */
  async #settle(idle: ReadonlyMap<number, number> | null): Promise<void> {
    const { settleMs, tell } = this.#options;
    const left = (): string =>
      this.#portsOf(idle, this.#connections())
        .filter(({ before, after }) => before !== after)
        .map(({ name, after }) => `${after} at ${name}`)
        .join(", ");
    const isIdle = (): boolean => left() === "";
    await until(isIdle, { what: "connections to end", timeoutMs: settleMs }).catch((error: Error) =>
      tell(`${error.message}; left: ${left()}`),
    );
  }

  #portsOf(
    before: ReadonlyMap<number, number> | null,
    after: ReadonlyMap<number, number> | null,
  ): PortReport[] {
    return this.#cluster.targets.map(({ at, server, tier, kind, port }) => ({
      name: `${at === "gateway" ? `gateway ${tier}` : server} ${kind}`,
      port,
      before: before?.get(port) ?? null,
      after: after?.get(port) ?? null,
    }));
  }

  #each<T>(measure: (server: LoggedServer, nth: number) => Promise<T>): Promise<readonly T[]> {
    return Promise.all(this.#cluster.servers.map(measure));
  }
}

interface Said {
  readonly ended: Readonly<Record<string, number>>;
  readonly turnedAway: Readonly<Record<string, number>>;
  readonly logged: Readonly<Record<string, number>>;
  readonly loggedBytes: number;
}

/** If the process has ended, only its log still has counts. */
async function said({ process, log }: LoggedServer): Promise<Said> {
  const metrics = process.isRunning ? await process.metrics() : null;
  return {
    ended: metrics?.by("sallyport_clients_ended_total", "why") ?? {},
    turnedAway: metrics?.by("sallyport_clients_turned_away_total", "why") ?? {},
    logged: log.counts,
    loggedBytes: log.bytes,
  };
}

/** Returns how much each count has grown. */
function difference(
  from: Readonly<Record<string, number>>,
  to: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const added = Object.entries(to).map(([what, count]) => [what, count - (from[what] ?? 0)] as const);
  return Object.fromEntries(added.filter(([, count]) => count > 0));
}
