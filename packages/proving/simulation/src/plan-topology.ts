import type { Random } from "@sallyport/random";
import type { Fault, PlannedClient } from "./planned.ts";
import {
  doorNames,
  gatewayWorld,
  isGateway,
  isLogin,
  isMap,
  namesIn,
  type ServerName,
  type Topology,
  type WorldName,
  worldNames,
  worldOf,
} from "./topology.ts";

/*
 * Draws how many servers a seed has. Also draws failures that only some topologies can have: failures of
 * gateways, and a rush to several login-servers.
 */

/** Most seeds have one char-server and one login-server, so that they run fast. */
export function drawTopology(random: Random, hasSeveralLogins: boolean): Topology {
  const own = random.fork("topology");
  const logins = own.weighted({ "2": 3, "3": 3, "4": 1 });
  const worldsHere: readonly WorldName[] = own.chance(0.15) ? worldNames : ["Alpha"];
  const hasGateway = own.chance(0.2);
  return {
    loginServers: hasSeveralLogins ? (Number(logins) as Topology["loginServers"]) : 1,
    worlds: worldsHere,
    gateways: hasGateway ? own.pick([1, 2]) : 0,
    gatewayDoors: hasGateway ? own.pick([["map"], ["char", "map"], doorNames]) : [],
  };
}

/** Draws several clients that log in to one account at the same moment, each at any login-server. */
export function drawRush(
  random: Random,
  {
    topology,
    before,
    calmMs,
  }: { readonly topology: Topology; readonly before: number; readonly calmMs: number },
): readonly PlannedClient[] {
  if (topology.loginServers < 3 || random.chance(0.4)) return [];
  const atMs = random.between(500, calmMs * 0.7);
  return Array.from({ length: 3 + random.below(3) }, (_, index) => ({
    name: `client-${before + index}`,
    account: 0,
    startMs: atMs + random.between(0, 60),
    temper: "rushes",
  }));
}

/**
 * Draws failures for clusters of two worlds. If both worlds want one account, a server often does not know
 * which world has it.
 */
export function drawDoubts(random: Random, topology: Topology, calmMs: number): Fault[] {
  if (topology.worlds.length < 2 || random.chance(0.5)) return [];
  const about = {
    id: "doubts",
    atMs: random.between(500, calmMs * 0.7),
    forMs: random.between(1_000, 6_000),
  };
  return [{ ...about, kind: "store", store: "login", failing: random.pick([0.15, 0.3]), slowMs: 20 }];
}

/**
 * A pretender is a char-server that claims to serve a second world, which the plan does not have. So it is
 * drawn only if the cluster has one world. Gateways would believe its claim, so the cluster has none of them.
 */
export function drawPretender(random: Random, topology: Topology, calmMs: number): Fault[] {
  if (random.chance(0.97) || topology.worlds.length > 1 || topology.gateways > 0) return [];
  const atMs = random.between(500, calmMs * 0.8);
  return [{ id: "pretender", atMs, kind: "pretender", forMs: random.between(500, 6_000) }];
}

export const behind = (topology: Topology): readonly ServerName[] =>
  namesIn(topology).filter(
    (name) =>
      (topology.gatewayDoors.includes("login") && isLogin(name)) ||
      (worldOf(name) === gatewayWorld && (isMap(name) || topology.gatewayDoors.includes("char"))),
  );

/** Maximum duration of a gateway's drain. The drain can continue after all planned failures are over. */
export const gatewayDrainMs = 8_000;

/**
 * Draws failures of gateways, in addition to the failures that any server can have. Most stops of gateways
 * are drains, so that players stay connected.
 */
export function drawGatewayFaults(random: Random, topology: Topology, calmMs: number): Fault[] {
  const gateways = namesIn(topology).filter(isGateway);
  if (gateways.length === 0) return [];
  return Array.from({ length: random.below(4) }, (_, index): Fault => {
    const about = { id: `gateway-${index}`, atMs: random.between(500, calmMs * 0.9) };
    const server = random.pick(gateways);
    const how = random.chance(0.7) ? "reset" : "silent";
    const downMs = random.pick([50, 500, 3_000]) * random.between(0.5, 1.5);
    const forMs = random.pick([200, 1_500, 4_000]) * random.between(0.5, 1.2);
    const boundary = 1 + random.below(random.pick([20, 100]));
    const kind = random.pick(["crash", "crash-at-boundary", "stop", "pause", "cut", "block"] as const);
    switch (kind) {
      case "crash":
        return { ...about, kind, server, how, downMs };
      case "crash-at-boundary":
        return { ...about, kind, server, boundary, how, downMs };
      case "stop":
        return {
          ...about,
          kind,
          server,
          how: "release",
          downMs,
          drainMs: random.pick([null, 300, 3_000, gatewayDrainMs]),
        };
      case "pause":
        return { ...about, kind, server, forMs };
      case "cut":
        return { ...about, kind, between: [server, random.pick(behind(topology))] };
      case "block":
        return {
          ...about,
          kind,
          from: server,
          to: random.pick(behind(topology)),
          isBothWays: random.chance(0.5),
          forMs,
        };
    }
  });
}
