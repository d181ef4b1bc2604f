import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BotsReport, runBots, Stop } from "@sallyport/bots";
import { delay, systemClock } from "@sallyport/clock";
import { type LoadReport, runLoad } from "@sallyport/ragnarok-load";
import { Credentials } from "@sallyport/sdk";
import { transportTo } from "@sallyport/sdk/node";
import { type SallyportProcess, until, warpOf, writeYards, yard } from "@sallyport/testkit";
import pg from "pg";
import type { Entrance } from "../players/player.ts";
import { Topology } from "../topology/topology.ts";
import { Passerby, type PasserbyReport } from "./passerby.ts";
import { Resident, type ResidentReport } from "./resident.ts";

export interface ScalingOptions {
  /** Number of native players that come and go. */
  readonly bots: number;
  /** Number of native players that stay in the world. */
  readonly residents: number;
  readonly ragnarok: number;
  /** Number of players that come and go by the protocols of fronts and by the A series. */
  readonly others: number;
  readonly fronts: number;
  readonly loginServers: number;
  /** Whether all clients connect through a gateway. */
  readonly gateway: boolean;
  /** The number of map-servers in each step. */
  readonly steps: readonly number[];
  /** Number of maps, besides the room where clients of fronts meet. */
  readonly maps: number;
  /** Each step lasts this many milliseconds after the maps are balanced. */
  readonly holdMs: number;
  readonly settings: Readonly<Record<string, string>>;
  readonly tell: (line: string) => void;
}

export interface Step {
  readonly mapServers: number;
  /** Number of maps, by name of the map-server. */
  readonly maps: Readonly<Record<string, number>>;
  /** Time that the processes of this step took to start or to end. */
  readonly seconds: number;
}

export interface ScalingReport {
  readonly steps: readonly Step[];
  readonly bots: BotsReport;
  readonly ragnarok: LoadReport;
  readonly residents: readonly ResidentReport[];
  readonly others: readonly PasserbyReport[];
  /** Number of saves, by the answer of the char-server. */
  readonly saves: Readonly<Record<string, number>>;
  readonly killed: {
    readonly mapServer: string;
    /** Number of connections of residents that the kill ended. */
    readonly thrownOut: number;
    readonly awayMsMax: number;
    readonly maps: Readonly<Record<string, number>>;
  };
}

/** Milliseconds between new players of the same kind. Each new player costs a password hash. */
const beginMs = 80;
const side = 20;
const room = "hall";
/** Ragnarok clients wait so long for an answer, as clients of the other protocols do. */
const answerMs = 20_000;
const warpCell = warpOf(side);
const balancedMs = 60_000;
const homeMs = 90_000;
/** How long a character takes for one step, which is the default of the servers. */
const stepMs = 150;
/** These timers are short, so that a killed map-server is given up soon. */
const timers = {
  TIMER_LEASE_MS: "2000",
  TIMER_RECONNECT_MS: "5000",
  TIMER_RECLAIM_MS: "5000",
};

/**
 * Adds and removes map-servers while players of both kinds play, and then kills one map-server. Returns only
 * measurements. `judge` decides whether these are good.
 */
export async function runScaling(options: ScalingOptions): Promise<ScalingReport> {
  const names = Array.from({ length: options.maps }, (_, index) => `yard-${index + 1}`);
  const folder = mkdtempSync(join(tmpdir(), "sallyport-yards-"));
  try {
    writeYards(folder, names, side);
    const objects = ["room: open", "movement: reported unitsPerCell=32 greatestSpeed=1000000"];
    writeFileSync(join(folder, `${room}.map`), yard({ name: room, next: names[0] ?? room, side, objects }));
    const topology = await startTopology(options, folder, names);
    try {
      const database = new pg.Client(topology.databaseUrl);
      try {
        await database.connect();
        return await new Run(options, topology, database).run();
      } finally {
        await database.end();
      }
    } finally {
      await topology.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const startTopology = (
  { steps, loginServers, gateway, fronts, settings, tell }: ScalingOptions,
  folder: string,
  names: readonly string[],
): Promise<Topology> =>
  Topology.start({
    mapServers: steps[0] ?? 1,
    loginServers,
    gateway,
    fronts,
    settings: {
      ...timers,
      MAPS_FOLDER: folder,
      WORLD_SPAWN: `${names[0]}:2,2`,
      ...{ CHAT_ROOM: room, SLIME_ROOMS: `1=${room}` },
      RAGNAROK_REGISTRATION: "yes",
      // All clients here have the same address, so the limits for one address are high or off.
      LOGIN_HASH_QUEUE_MAX: "2000",
      LOGIN_HASH_QUEUE_PER_ADDRESS_MAX: "2000",
      ...settings,
    },
    tell,
  });

class Run {
  readonly #options: ScalingOptions;
  readonly #topology: Topology;
  readonly #database: pg.Client;
  readonly #over = new AbortController();

  constructor(options: ScalingOptions, topology: Topology, database: pg.Client) {
    this.#options = options;
    this.#topology = topology;
    this.#database = database;
  }

  async run(): Promise<ScalingReport> {
    const { steps, tell } = this.#options;
    const residents = this.#residents();
    const crowd = this.#crowd();
    await until(() => residents.every(({ isInWorld }) => isInWorld), {
      what: "all residents are in the world",
      timeoutMs: homeMs,
    });
    const taken: Step[] = [];
    for (const mapServers of steps) {
      tell(`${mapServers} map-servers`);
      taken.push(await this.#step(mapServers));
    }
    tell("the others leave");
    crowd.stop();
    const [bots, ragnarok, others] = await crowd.done;
    // The reports are taken before the kill below, because the losses of that kill are not a cost of scaling.
    const reports = residents.map(({ report }) => report);
    const saves = await this.#saves();
    const killed = await this.#kill(residents);
    this.#over.abort();
    await until(() => residents.every(({ isInWorld }) => !isInWorld), {
      what: "all residents left",
      timeoutMs: homeMs,
    });
    return { steps: taken, bots, ragnarok, residents: reports, others, saves, killed };
  }

  #residents(): Resident[] {
    const { residents } = this.#options;
    const loginUrl = `tcp://127.0.0.1:${this.#topology.entry.tcp}`;
    const made = Array.from(
      { length: residents },
      (_, index) =>
        new Resident({
          name: `resident_${index}`,
          loginUrl,
          warpCell,
          afterMs: (index % 40) * 400,
          signal: this.#over.signal,
        }),
    );
    for (const resident of made) void resident.live();
    return made;
  }

  #crowd() {
    const { bots, ragnarok } = this.#options;
    const { tcp, ragnarok: port } = this.#topology.entry;
    const others = this.#others();
    const { connect, login } = transportTo(`tcp://127.0.0.1:${tcp}`);
    const over = new AbortController();
    // A timer in Node cannot run longer than this.
    const durationMs = 2 ** 31 - 1;
    const done = Promise.all([
      runBots({ bots, durationMs, connect, login, rampMs: bots * beginMs, signal: over.signal }),
      runLoad({
        login: { host: "127.0.0.1", port },
        accounts: Array.from({ length: ragnarok }, (_, index) => `walker${index}`),
        password: "secret",
        concurrency: ragnarok,
        durationMs,
        phase: "hop",
        register: true,
        create: true,
        walk: true,
        warp: warpCell,
        rampMs: ragnarok * beginMs,
        stayMs: 1_000,
        withinMs: answerMs,
        signal: over.signal,
      }),
      others.done,
    ]);
    const stop = (): void => {
      over.abort();
      others.stop();
    };
    return { done, stop };
  }

  #others() {
    const { others } = this.#options;
    const isOther = ({ protocol: { door } }: Entrance): boolean => door === "a-series" || door === "front";
    const entrances = this.#topology.entrances.filter(isOther);
    const [first, ...more] = entrances;
    if (first === undefined) throw new Error("there is neither a login-server nor a front");
    const stop = new Stop(systemClock);
    const credentials = new Credentials({ entriesMax: 1 });
    const warp = { ...warpCell, isWarp: true };
    const passersby = Array.from({ length: others }, (_, nth) => {
      const from = `127.1.${nth >> 8}.${nth & 255}`;
      return new Passerby({ ...{ nth, entrances: [first, ...more], from, credentials, warp, stepMs, stop } });
    });
    const live = async (passerby: Passerby, nth: number): Promise<PasserbyReport> => {
      await stop.wait(nth * beginMs);
      await passerby.run();
      return passerby.report;
    };
    return { done: Promise.all(passersby.map(live)), stop: () => stop.ask() };
  }

  async #step(mapServers: number): Promise<Step> {
    const { holdMs } = this.#options;
    const startedMs = performance.now();
    await this.#topology.scale(mapServers);
    const seconds = (performance.now() - startedMs) / 1_000;
    const maps = await this.#balanced();
    await delay(systemClock, holdMs);
    return { mapServers, maps, seconds };
  }

  /** Finds the map-server with the most residents. */
  async #busiest(residents: readonly Resident[]): Promise<SallyportProcess> {
    const { rows } = await this.#database.query<{ server: string; map: string }>(
      "SELECT server, map FROM map_hosts",
    );
    const countOf = ({ name }: SallyportProcess): number => {
      const maps = new Set(rows.filter(({ server }) => server === name).map(({ map }) => map));
      return residents.filter(({ map }) => map !== null && maps.has(map)).length;
    };
    const [busiest] = [...this.#topology.mapServers].sort((a, b) => countOf(b) - countOf(a));
    if (busiest === undefined) throw new Error("there is no map-server to kill");
    return busiest;
  }

  /** Resolves when the running map-servers host all maps, and their numbers of maps differ by one at most. */
  #balanced(): Promise<Readonly<Record<string, number>>> {
    const running = this.#topology.mapServers.filter(({ isRunning }) => isRunning).map(({ name }) => name);
    return until(
      async () => {
        const maps = await this.#maps();
        const counts = Object.values(maps);
        const isEven = Math.max(...counts) - Math.min(...counts) <= 1;
        return isEven && Object.keys(maps).sort().join() === running.sort().join() ? maps : null;
      },
      { what: `maps are with ${running.join(", ")}`, timeoutMs: balancedMs },
    );
  }

  async #maps(): Promise<Readonly<Record<string, number>>> {
    const { rows } = await this.#database.query<{ server: string; maps: number }>(
      "SELECT server, count(*)::int AS maps FROM map_hosts GROUP BY server ORDER BY server",
    );
    return Object.fromEntries(rows.map(({ server, maps }) => [server, maps]));
  }

  async #saves(): Promise<Readonly<Record<string, number>>> {
    const metrics = await this.#topology.char.metrics();
    return metrics.by("sallyport_character_saves_total", "answer");
  }

  async #kill(residents: readonly Resident[]): Promise<ScalingReport["killed"]> {
    const { tell } = this.#options;
    const victim = await this.#busiest(residents);
    tell(`killing ${victim.name}`);
    const before = residents.map(({ report }) => report.ends.length);
    victim.signal("SIGKILL");
    await victim.untilEnded();
    const maps = await this.#balanced();
    const ended = () => residents.flatMap(({ report }, index) => report.ends.slice(before[index]));
    await until(() => residents.every(({ isInWorld }) => isInWorld) && ended().length > 0, {
      what: "all residents are in the world again",
      timeoutMs: homeMs,
    });
    const away = ended();
    return {
      mapServer: victim.name,
      thrownOut: away.length,
      awayMsMax: Math.max(0, ...away.map(({ awayMs }) => awayMs)),
      maps,
    };
  }
}
