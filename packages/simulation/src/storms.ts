import { timingProblems } from "@sallyport/lock-core";
import type { Fault, Plan, PlannedClient } from "./plan.ts";
import type { Random } from "./random.ts";
import { type MapName, worlds } from "./topology.ts";

/*
 * Plans that aim at one moment which chance alone seldom comes to: a hop that is held up while its map-server is cut off
 * or dies, a choice whose outcome nobody can say, maps that move under those who come.
 */

const stormOneIn = 7;

export function drawStorm(random: Random, plan: Plan): Plan {
  if (!random.chance(1 / stormOneIn)) return plan;
  const kind = random.weighted({ hops: 4, choices: 3, moves: 1 });
  const rounds = Array.from({ length: 3 + random.below(4) }, (_, index) =>
    (kind === "hops" ? heldHop : kind === "choices" ? doubtfulChoice : move)(random.fork(`${index}`), plan),
  ).flat();
  const storm = rounds
    .filter(({ atMs }) => atMs < plan.calmMs)
    .map((fault, index): Fault => ({ ...fault, id: `storm-${index}` }));
  const temper: PlannedClient["temper"] = kind === "choices" ? "clings" : "hops";
  // Long enough for a server to be gone and back meanwhile.
  const handOverMs = Math.round(random.between(1_500, 4_000));
  const timing = {
    ...plan.timing,
    handOverMs,
    charToMapMs: Math.max(plan.timing.charToMapMs, handOverMs + 1_000),
  };
  if (timingProblems(timing).length > 0) throw new Error(timingProblems(timing).join("; "));
  return {
    ...plan,
    timing,
    secondLogin: "takeover",
    hasDisks: true,
    mapsEach: kind === "moves" ? "all" : "one",
    playersMax: 1_000,
    autosaveMs: random.pick([40, 300]),
    clients: plan.clients.map((client) => ({ ...client, temper })),
    // A few of those that come anywhere: they keep it from being too regular.
    faults: [...plan.faults.slice(0, 2), ...storm],
  };
}

type Unnamed = Fault extends infer F ? (F extends Fault ? Omit<F, "id"> : never) : never;

/** The target takes its time to say yes, and meanwhile something becomes of the map-server that asked. */
function heldHop(random: Random, plan: Plan): Unnamed[] {
  const { char, maps } = worlds[random.pick(plan.worlds)];
  const [source, target] = random.chance(0.5) ? maps : ([maps[1], maps[0]] as const);
  const atMs = random.between(700, plan.calmMs * 0.85);
  const forMs = random.between(400, 3_000);
  const hold: Unnamed = random.chance(0.5)
    ? { kind: "pause", server: target, atMs, forMs }
    : { kind: "block", from: char, to: target, isBothWays: false, atMs, forMs };
  const thenMs = atMs + random.between(50, 900);
  return [hold, ...whatBecomesOf(random, source, char, thenMs)];
}

function whatBecomesOf(random: Random, source: MapName, char: "char" | "char-2", atMs: number): Unnamed[] {
  const cut: Unnamed = { kind: "cut", between: [source, char], atMs };
  const downMs = random.between(20, 90);
  const failing: Unnamed = {
    ...{ kind: "store", store: char === "char" ? "Alpha" : "Beta", failing: random.pick([0.3, 0.6]) },
    ...{ slowMs: 60, atMs, forMs: random.between(200, 1_200) },
  };
  const what = random.weighted({ cut: 4, dies: 3, "dies at": 2, deaf: 2, "no store": 2, both: 3 });
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

/** The lock store fails as clients choose, or the char-server dies of it and is soon back. */
function doubtfulChoice(random: Random, plan: Plan): Unnamed[] {
  const world = random.pick(plan.worlds);
  const { char, maps } = worlds[world];
  const atMs = random.between(600, plan.calmMs * 0.85);
  const failing = random.pick([0.25, 0.5]);
  const fails = (store: "login" | typeof world): Unnamed => ({
    ...{ kind: "store", store, failing, slowMs: 30, atMs, forMs: random.between(300, 2_000) },
  });
  const what = random.weighted({ "no store": 4, dies: 4, "login gone": 2, "map gone": 2 });
  switch (what) {
    case "no store":
      return [fails(world)];
    case "dies": {
      const [boundary, downMs] = [1 + random.below(40), random.between(15, 60)];
      return [{ kind: "crash-at-boundary", server: char, boundary, how: "reset", downMs, atMs }];
    }
    case "login gone":
      return [{ kind: "cut", between: [char, "login-1"], atMs }, fails("login")];
    case "map gone":
      return [{ kind: "cut", between: [random.pick(maps), char], atMs }, fails(world)];
  }
}

/** A map-server goes and comes, so that maps move while others are on their way to them. */
function move(random: Random, plan: Plan): Unnamed[] {
  const { maps } = worlds[random.pick(plan.worlds)];
  const server = random.pick(maps);
  const atMs = random.between(600, plan.calmMs * 0.85);
  const downMs = random.between(20, 300);
  const how = random.pick(["release", "keep"] as const);
  return [{ kind: "stop", server, how, downMs, drainMs: random.pick([null, 200, 1_500]), atMs }];
}
