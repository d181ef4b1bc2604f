import { type LockTiming, timingProblems } from "@sallyport/lock-core";
import type { Random } from "@sallyport/random";
import { drawActs, drawPasswordActs } from "./operator.ts";
import {
  behind,
  drawDoubts,
  drawGatewayFaults,
  drawPretender,
  drawRush,
  drawTopology,
} from "./plan-topology.ts";
import type { Fault, LeftOut, Plan } from "./planned.ts";
import { driftMax } from "./store-clock.ts";
import { drawStorm } from "./storms.ts";
import {
  charOf,
  isChar,
  isGateway,
  isLogin,
  type MapName,
  namesIn,
  type Topology,
  type WorldName,
  worlds,
} from "./topology.ts";
import { drawClockFaults, drawDiskFaults, drawLateEdits, tiersOf } from "./underneath-faults.ts";

/* Draws the plan of a seed: the clients, the topology, and every planned failure with its time. */

/**
 * One seed in this many has dozens of accounts. All other seeds have few accounts, so that clients often
 * collide.
 */
const crowdOneIn = 200;

export function drawPlan(random: Random): Plan {
  const isCrowd = random.chance(1 / crowdOneIn);
  const accounts = isCrowd ? 24 + random.below(13) : 1 + random.below(4);
  const calmMs = random.between(4_000, 10_000);
  const regulars = Array.from({ length: accounts }, (_, account) =>
    Array.from({ length: 1 + random.below(isCrowd ? 2 : 4) }, () => account),
  )
    .flat()
    .map((account, index) => ({
      name: `client-${index}`,
      account,
      startMs: random.between(300, random.chance(0.5) ? 2_000 : calmMs / 2),
      temper: "any" as const,
    }));
  const topology = drawTopology(random, random.chance(0.3));
  const rush = drawRush(random.fork("rush"), { topology, before: regulars.length, calmMs });
  const clients = [...regulars, ...rush];
  const names = clients.map(({ name }) => name);
  const faults = Array.from({ length: random.below(random.pick([1, 5, 11])) }, (_, index) =>
    drawFault(random.fork(`fault ${index}`), `fault-${index}`, {
      ...{ topology, clients: names, calmMs },
    }),
  );
  const late = drawGivenUp(random.fork("given up"), `fault-${faults.length}`, calmMs);
  const lossId = `fault-${faults.length + late.length}`;
  const lost = drawLoss(random.fork("locks lost"), lossId, { topology, calmMs });
  // Some rules hold only while nothing goes wrong. To test them, some seeds have no planned failures.
  const isCalm = faults.length === 0 && random.fork("calm").chance(0.35);
  const edits = random.fork("edits");
  const hasEdits = edits.chance(0.35);
  const passwords = random.fork("passwords");
  const hasPasswordChanges = passwords.chance(0.3);
  const own = [
    drawPretender(random.fork("pretender"), topology, calmMs),
    drawDoubts(random.fork("doubts"), topology, calmMs),
    drawGatewayFaults(random.fork("gateway faults"), topology, calmMs),
    hasEdits ? drawLateEdits(random.fork("late edits"), calmMs) : [],
    drawDiskFaults(random.fork("disk faults"), topology, calmMs),
    drawClockFaults(random.fork("clock faults"), topology, calmMs),
  ].flat();
  const plan: Plan = {
    timing: drawTiming(random.fork("timing")),
    secondLogin: random.chance(0.75) ? "takeover" : "reject",
    autosaveMs: random.pick([300, 700, 1_500, 5_000]),
    ...topology,
    hasDisks: random.fork("disks").chance(0.5),
    mapsEach: random.chance(0.5) ? "all" : "one",
    playersMax: !isCrowd && random.chance(0.1) ? 1 : 1_000,
    accounts,
    clients,
    hasEdits,
    hasPasswordChanges,
    isInterleaved: !isCalm && random.fork("interleaved").chance(0.5),
    deletionS: edits.pick([0, 0, 1, 3]),
    drift: random.fork("drift").pick([0, driftMax]),
    settles: random.fork("settles").chance(1 / 4),
    acts: [
      ...drawActs(random.fork("acts"), { topology, accounts, calmMs }),
      ...(hasPasswordChanges ? drawPasswordActs(passwords, { topology, accounts, calmMs }) : []),
    ],
    faults: isCalm ? [] : [...faults, ...late, ...lost, ...own],
    calmMs,
  };
  return isCrowd ? plan : drawStorm(random.fork("storm"), plan);
}

export function leaveOut(plan: Plan, { clients, faults }: LeftOut): Plan {
  return {
    ...plan,
    clients: plan.clients.filter(({ name }) => !clients.has(name)),
    faults: plan.faults.filter(({ id }) => !faults.has(id)),
    acts: plan.acts.filter(({ id }) => !faults.has(id)),
  };
}

/**
 * Draws short timers, so that much happens in little time. The timers are independent, so any of them can be
 * the first to run out.
 */
function drawTiming(random: Random): LockTiming {
  const about = (...ms: readonly number[]): number => Math.round(random.pick(ms) * random.between(0.5, 1.6));
  const reconnectMs = about(1_500, 3_500);
  const timing: LockTiming = {
    loginToCharMs: about(2_500),
    charToMapMs: about(2_500, 9_000),
    mapToCharMs: about(2_500, 6_000),
    chooseMs: about(5_000),
    handOverMs: about(700),
    evictMs: about(400, 1_500),
    leaseMs: Math.round(reconnectMs * random.between(0.3, 0.9)),
    reconnectMs,
    reclaimMs: Math.round(reconnectMs * random.between(1, 1.6)),
  };
  const problems = timingProblems(timing);
  if (problems.length > 0) throw new Error(problems.join("; "));
  return timing;
}

function drawFault(
  random: Random,
  id: string,
  of: {
    readonly topology: Topology;
    readonly clients: readonly string[];
    readonly calmMs: number;
  },
): Fault {
  const about = { id, atMs: random.between(500, of.calmMs * 0.9) };
  const server = random.pick(namesIn(of.topology));
  /**
   * Players are on map-servers. So the failure of a map-server is the most likely failure that leaves a
   * player without a server.
   */
  const mapServer = random.pick(of.topology.worlds.flatMap((world): MapName[] => [...worlds[world].maps]));
  const how = random.chance(0.7) ? "reset" : "silent";
  const downMs = random.pick([50, 500, 3_000, 8_000]) * random.between(0.5, 1.5);
  const forMs = random.pick([200, 1_500, 4_000, 6_500, 11_000]) * random.between(0.5, 1.2);
  const boundary = 1 + random.below(random.pick([5, 40, 200]));
  const between = drawPair(random, of);
  const kind = random.weighted({
    crash: 3,
    "crash-at-boundary": 6,
    stop: 3,
    pause: 3,
    "pause-at-boundary": 3,
    cut: 4,
    block: 5,
    store: 4,
    "slow-network": 1,
  });
  switch (kind) {
    case "crash":
      return { ...about, kind, server, how, downMs };
    case "crash-at-boundary":
      return { ...about, kind, server, boundary, how, downMs };
    case "stop": {
      const stopHow = random.fork("stop").pick(["release", "keep"] as const);
      if (random.chance(0.4)) return { ...about, kind, server, how: stopHow, downMs, drainMs: null };
      const drainMs = random.pick([300, 3_000, 20_000]);
      return { ...about, kind, server: mapServer, how: stopHow, downMs, drainMs };
    }
    case "pause":
      return { ...about, kind, server: random.chance(0.6) ? mapServer : server, forMs };
    case "pause-at-boundary":
      return { ...about, kind, server, boundary, forMs };
    case "cut":
      return { ...about, kind, between };
    case "block": {
      if (random.chance(0.4))
        return { ...about, kind, from: mapServer, to: charOf(mapServer), isBothWays: false, forMs };
      const [from, to] = random.chance(0.5) ? between : ([between[1], between[0]] as const);
      return { ...about, kind, from, to, isBothWays: random.chance(0.4), forMs };
    }
    case "store": {
      const failing = random.pick([0, 0.05, 0.4, 1]);
      const slowMs = random.pick([3, 60, 600]);
      const store = random.pick(["login", "world", "database"] as const);
      return {
        ...about,
        kind,
        store: store === "world" ? anyWorld(random, of.topology) : store,
        failing,
        slowMs,
        forMs,
      };
    }
    case "slow-network":
      return { ...about, kind, slowMs: random.pick([60, 400]), forMs };
  }
}

/**
 * Draws statements that the database reports as failed and carries out later. Such a statement reveals a bug
 * only if a server saves often, so it is drawn separately.
 */
function drawGivenUp(random: Random, id: string, calmMs: number): Fault[] {
  if (random.chance(0.5)) return [];
  const about = { id, atMs: random.between(500, calmMs * 0.7), forMs: random.between(500, 6_000) };
  return [{ ...about, kind: "given-up", of: "all", share: random.pick([0.3, 0.7]) }];
}

/** Both tiers often share one Redis, so a loss usually hits the locks of both. */
function drawLoss(
  random: Random,
  id: string,
  { topology, calmMs }: { readonly topology: Topology; readonly calmMs: number },
): Fault[] {
  if (random.chance(0.8)) return [];
  const ofTiers = random.pick([["login", "world"], ["login", "world"], ["login"], ["world"]] as const);
  const tiers = tiersOf(ofTiers, topology);
  const newestMs = random.chance(0.5) ? null : random.pick([30, 300, 2_000]) * random.between(0.5, 1.5);
  return [{ id, atMs: random.between(500, calmMs * 0.9), kind: "locks-lost", tiers, newestMs }];
}

function drawPair(
  random: Random,
  { topology, clients }: { readonly topology: Topology; readonly clients: readonly string[] },
): readonly [string, string] {
  const servers = namesIn(topology);
  if (clients.length > 0 && random.chance(0.3)) return [random.pick(clients), random.pick(servers)];
  const other = random.pick(servers.filter((name) => !isChar(name)));
  if (isGateway(other)) return [other, random.pick(behind(topology))];
  return isLogin(other) ? [worlds[anyWorld(random, topology)].char, other] : [other, charOf(other)];
}

const anyWorld = (random: Random, { worlds: all }: Topology): WorldName =>
  all.length > 1 ? random.fork("world").pick(all) : "Alpha";
