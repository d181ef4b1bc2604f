import { timingProblems } from "@sallyport/lock-core";
import type { Random } from "@sallyport/random";
import type { Fault, Plan, PlannedClient } from "./planned.ts";
import { type MapName, worlds } from "./topology.ts";

/**
 * Plans for situations that random failures seldom cause. Examples are: a delayed hop whose map-server is cut
 * off or dies, a choice with an unknown outcome, and maps that move while clients are on their way to them.
 */

const stormOneIn = 6;

type Round = (random: Random, plan: Plan) => Unnamed[];
interface Storm {
  readonly round: Round;
  readonly temper: PlannedClient["temper"];
  readonly mapsEach: Plan["mapsEach"];
  /**
   * How many clients each account has. Clients of the same account take it over from each other. If null, the
   * plan decides the number.
   */
  readonly clients: "one" | "twice as many" | null;
  readonly handOverMs: readonly [number, number];
  /** The evict timer in milliseconds. If null, the plan decides it. */
  readonly evictMs: readonly [number, number] | null;
}

/** A server can go down and come back within a long time. */
const long = [1_500, 4_500] as const;
const short = [300, 900] as const;
const slow = [3_000, 5_000] as const;
const storms = {
  hops: {
    round: heldHop,
    temper: "hops",
    mapsEach: "one",
    clients: "one",
    handOverMs: long,
    evictMs: null,
  },
  "short hops": {
    ...{
      round: heldHop,
      temper: "hops",
      mapsEach: "one",
      clients: "one",
      handOverMs: short,
      evictMs: null,
    },
  },
  choices: {
    ...{ round: doubtfulChoice, temper: "clings", mapsEach: "one", clients: null, handOverMs: long },
    evictMs: null,
  },
  "late saves": {
    round: lateSaves,
    temper: "hops",
    mapsEach: "all",
    clients: "one",
    handOverMs: long,
    evictMs: null,
  },
  moves: { round: move, temper: "hops", mapsEach: "all", clients: "one", handOverMs: long, evictMs: null },
  deaf: {
    round: deafMap,
    temper: "lingers",
    mapsEach: "one",
    clients: "twice as many",
    handOverMs: long,
    evictMs: [150, 400],
  },
  takes: {
    round: stragglers,
    temper: "clings",
    mapsEach: "one",
    clients: "twice as many",
    handOverMs: slow,
    evictMs: [150, 400],
  },
  stops: {
    round: stops,
    temper: "lingers",
    mapsEach: "one",
    clients: null,
    handOverMs: long,
    evictMs: null,
  },
} as const satisfies { readonly [name: string]: Storm };
const weights = {
  hops: 4,
  "short hops": 2,
  choices: 6,
  moves: 2,
  deaf: 4,
  takes: 2,
  "late saves": 3,
  stops: 5,
} as const;

export function drawStorm(random: Random, plan: Plan): Plan {
  if (!random.chance(1 / stormOneIn)) return plan;
  const kind: Storm = storms[random.weighted(weights)];
  // A single client stops playing if it is cut off too often.
  const rounds = kind.clients === "one" ? 2 + random.below(3) : 4 + random.below(4);
  const faults = Array.from({ length: rounds }, (_, index) => kind.round(random.fork(`${index}`), plan))
    .flat()
    .filter(({ atMs }) => atMs < plan.calmMs)
    .map((fault, index): Fault => ({ ...fault, id: `storm-${index}` }));
  const handOverMs = Math.round(random.between(...kind.handOverMs));
  const timing = {
    ...plan.timing,
    ...(kind.evictMs === null ? {} : { evictMs: Math.round(random.between(...kind.evictMs)) }),
    handOverMs,
    charToMapMs: Math.max(plan.timing.charToMapMs, handOverMs + 1_000),
  };
  if (timingProblems(timing).length > 0) throw new Error(timingProblems(timing).join("; "));
  const all = plan.clients.map((client) =>
    client.temper === "rushes" ? client : { ...client, temper: kind.temper },
  );
  const others = all.map((client) => ({
    ...client,
    name: `${client.name}-too`,
    startMs: client.startMs + 400,
  }));
  const first = all.filter(
    ({ account }, index) => all.findIndex((each) => each.account === account) === index,
  );
  return {
    ...plan,
    timing,
    secondLogin: "takeover",
    hasDisks: true,
    mapsEach: kind.mapsEach,
    playersMax: 1_000,
    autosaveMs: random.pick([40, 300]),
    clients: kind.clients === "one" ? first : kind.clients === null ? all : [...all, ...others],
    hasEdits: plan.hasEdits && kind.clients !== "one",
    // Keep one ordinary failure. Also keep the failures in which the database gives up statements, because
    // they have an effect only while a server saves often.
    faults: [...plan.faults.filter((fault, index) => index === 0 || fault.kind === "given-up"), ...faults],
  };
}

type Unnamed = Fault extends infer F ? (F extends Fault ? Omit<F, "id"> : never) : never;

/** The target map-server answers a hop late. Meanwhile a planned failure hits the map-server that asked. */
function heldHop(random: Random, plan: Plan): Unnamed[] {
  const { char, maps } = worlds[random.pick(plan.worlds)];
  const [source, target] = random.chance(0.5) ? maps : ([maps[1], maps[0]] as const);
  const atMs = random.between(1_200, plan.calmMs * 0.85);
  const forMs = random.between(600, 4_500);
  const hold: Unnamed = random.chance(0.5)
    ? { kind: "pause", server: target, atMs, forMs }
    : { kind: "block", from: char, to: target, isBothWays: false, atMs, forMs };
  const thenMs = atMs + random.between(50, 1_200);
  return [hold, ...whatBecomesOf(random, source, char, thenMs)];
}

function whatBecomesOf(random: Random, source: MapName, char: "char" | "char-2", atMs: number): Unnamed[] {
  const cut: Unnamed = { kind: "cut", between: [source, char], atMs };
  const downMs = random.between(20, 90);
  const failing: Unnamed = {
    ...{ kind: "store", store: char === "char" ? "Alpha" : "Beta", failing: random.pick([0.3, 0.6]) },
    ...{ slowMs: 60, atMs, forMs: random.between(200, 1_200) },
  };
  const what = random.weighted({ cut: 8, dies: 3, "dies at": 2, deaf: 1, "no store": 2, both: 4 });
  switch (what) {
    case "cut":
      return [cut];
    case "dies":
      return [{ kind: "crash", server: source, how: "reset", downMs, atMs }];
    case "dies at": {
      const boundary = 1 + random.below(12);
      return [{ kind: "crash-at-boundary", server: source, boundary, how: "reset", downMs, atMs }];
    }
    case "deaf": {
      const forMs = random.between(300, 2_500);
      return [{ kind: "block", from: source, to: char, isBothWays: random.chance(0.3), atMs, forMs }];
    }
    case "no store":
      return [failing];
    case "both":
      return [cut, failing];
  }
}

/**
 * The lock store fails while clients choose characters, or the char-server dies during a choice and soon
 * comes back.
 */
function doubtfulChoice(random: Random, plan: Plan): Unnamed[] {
  const world = random.pick(plan.worlds);
  const { char, maps } = worlds[world];
  const atMs = random.between(600, plan.calmMs * 0.85);
  const failing = random.pick([0.25, 0.5, 0.8]);
  const fails = (store: "login" | typeof world): Unnamed => ({
    ...{ kind: "store", store, failing, slowMs: 30, atMs, forMs: random.between(300, 2_500) },
  });
  const what = random.weighted({ "no store": 3, dies: 6, "login gone": 3, "map gone": 4, "map leaves": 2 });
  switch (what) {
    case "no store":
      return [fails(world)];
    case "dies": {
      const [boundary, downMs] = [1 + random.below(40), random.between(15, 60)];
      return [{ kind: "crash-at-boundary", server: char, boundary, how: "reset", downMs, atMs }];
    }
    case "login gone": {
      const slightly = { ...fails("login"), failing: 0.2, forMs: 3_000 } as const;
      return [{ kind: "cut", between: [char, "login-1"], atMs }, slightly];
    }
    case "map gone":
      return [{ kind: "cut", between: [random.pick(maps), char], atMs }, fails(world)];
    case "map leaves": {
      const of = { server: random.pick(maps), downMs: random.between(50, 500), drainMs: null };
      return [fails(world), { kind: "stop", how: "release", ...of, atMs: atMs + 50 }];
    }
  }
}

/** A message of a map-server arrives only after the account went to another login. */
function deafMap(random: Random, plan: Plan): Unnamed[] {
  const { char, maps } = worlds[random.pick(plan.worlds)];
  const [atMs, forMs] = [random.between(600, plan.calmMs * 0.85), random.between(1_200, 3_500)];
  const from = random.pick(maps);
  // In one run of four, another message is delayed: the login-server's order to make a client leave.
  const kick: Unnamed = { kind: "block", from: "login-1", to: char, isBothWays: false, atMs, forMs };
  return random.chance(0.25) ? [kick] : [{ kind: "block", from, to: char, isBothWays: false, atMs, forMs }];
}

/** The database reports saves as failed, and carries them out only after newer saves. */
function lateSaves(random: Random, plan: Plan): Unnamed[] {
  const [atMs, forMs] = [random.between(900, plan.calmMs * 0.7), random.between(1_000, 4_000)];
  return [{ kind: "given-up", of: "all", share: random.pick([0.15, 0.4]), atMs, forMs }];
}

/**
 * The database answers some statements late, so the answers for two successive logins may overtake each
 * other.
 */
function stragglers(random: Random, plan: Plan): Unnamed[] {
  const [atMs, forMs] = [random.between(300, plan.calmMs * 0.3), random.between(3_000, 8_000)];
  return [{ kind: "stragglers", share: random.pick([0.08, 0.15]), atMs, forMs }];
}

/** A map-server goes down and comes back, so maps move while clients are on their way to them. */
function move(random: Random, plan: Plan): Unnamed[] {
  const world = random.pick(plan.worlds);
  const server = random.pick(worlds[world].maps);
  const atMs = random.between(600, plan.calmMs * 0.85);
  const downMs = random.between(20, 300);
  const how = random.pick(["release", "keep"] as const);
  const slow: Unnamed = {
    kind: "store",
    store: world,
    failing: 0,
    slowMs: 500,
    atMs: atMs - 300,
    forMs: 2_000,
  };
  const stop: Unnamed = { kind: "stop", server, how, downMs, drainMs: random.pick([null, 200, 1_500]), atMs };
  return random.chance(0.6) ? [slow, stop] : [stop];
}

/**
 * A server is asked to stop while clients play. A map-server is stopped either when it cannot release its
 * players or when it has just come back.
 */
function stops(random: Random, plan: Plan): Unnamed[] {
  const { char, maps } = worlds[random.pick(plan.worlds)];
  const atMs = random.between(1_000, plan.calmMs * 0.85);
  const about = { kind: "stop", downMs: random.between(20, 400), drainMs: null, atMs } as const;
  const map = random.pick(maps);
  const what = random.weighted({ "login-server": 2, again: 3, "left behind": 3, "coming back": 3 });
  switch (what) {
    case "login-server":
      return [{ ...about, server: "login-1", how: random.pick(["release", "keep"] as const) }];
    case "again":
      return [{ ...about, server: char, how: "keep" }];
    case "left behind": {
      const forMs = random.between(1_000, 4_000);
      const held: Unnamed = { kind: "block", from: map, to: char, isBothWays: false, atMs: atMs - 50, forMs };
      return [held, { ...about, server: char, how: "release" }];
    }
    case "coming back": {
      const cut: Unnamed = { kind: "cut", between: [map, char], atMs: atMs - random.between(0, 400) };
      return [cut, { ...about, server: char, how: "release" }];
    }
  }
}
