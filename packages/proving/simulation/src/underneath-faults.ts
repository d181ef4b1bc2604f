import type { Random } from "@sallyport/random";
import type { Fault } from "./planned.ts";
import type { LockTier } from "./topology.ts";
import { charOf, isMap, namesIn, type Topology, worldOf } from "./topology.ts";

/* Draws failures of the database, of disks and of clocks. Each kind has its own random stream. */

export const tiersOf = (of: readonly ("login" | "world")[], { worlds: all }: Topology): readonly LockTier[] =>
  of.flatMap((tier): readonly LockTier[] => (tier === "world" ? all : [tier]));

/**
 * A statement that creates or deletes something is reported as failed. The database carries it out later,
 * when the client already plays.
 */
export function drawLateEdits(random: Random, calmMs: number): Fault[] {
  if (random.chance(0.4)) return [];
  const about = {
    id: "late-edits",
    atMs: random.between(500, calmMs * 0.5),
    forMs: random.between(2_000, 8_000),
  };
  return [{ ...about, kind: "given-up", of: "edits", share: random.pick([0.4, 0.9]) }];
}

/**
 * Draws disks that fail shortly before a server dies, because a server reads its cookie only at its start.
 * Suppose that a server linked twice before its death and could not write the newer cookie. Then its next
 * process shows the older cookie, which its peer no longer knows.
 */
export function drawDiskFaults(random: Random, topology: Topology, calmMs: number): Fault[] {
  if (random.chance(0.8)) return [];
  const servers = namesIn(topology).filter((name) => worldOf(name) !== null);
  const server = random.pick(servers);
  const fails = random.pick(["unreadable", "unwritable", "both"] as const);
  const atMs = random.between(0, calmMs * 0.6);
  const to = isMap(server) ? charOf(server) : "login-1";
  const forMs = random.between(500, 8_000);
  const disk: Fault = { id: "disk-0", atMs, kind: "disk", server, fails, forMs };
  const cuts = [500, 1_500].map(
    (laterMs, index): Fault => ({
      ...{ id: `disk-cut-${index}`, atMs: atMs + laterMs + random.between(0, 500) },
      ...{ kind: "cut", between: [server, to] },
    }),
  );
  const deaths = Array.from(
    { length: 1 + random.below(2) },
    (_, index): Fault => ({
      ...{ id: `disk-death-${index}`, atMs: atMs + random.between(2_000, 5_000) },
      ...{ kind: "crash", server, how: "reset", downMs: random.between(20, 1_000) },
    }),
  );
  return [disk, ...(random.chance(0.7) ? cuts : []), ...deaths].filter((fault) => fault.atMs < calmMs);
}

/**
 * Draws jumps of clocks. A jump forward is longer than any timer. A jump back delays deadlines, and is
 * shorter than the simulation's wait for recovery.
 */
export function drawClockFaults(random: Random, topology: Topology, calmMs: number): Fault[] {
  const faults: Fault[] = [];
  const atMs = (): number => random.between(500, calmMs * 0.9);
  if (random.chance(0.1)) {
    const tiers = tiersOf(random.pick([["login", "world"], ["login"], ["world"]] as const), topology);
    const byMs = random.pick([30, 700, 4_000, 3_600_000, -30, -700, -5_000]);
    faults.push({ id: "clock-0", atMs: atMs(), kind: "store-clock", tiers, byMs });
  }
  for (let index = 0; index < 3 && random.chance(0.2); index += 1) {
    const aheadMs = random.pick([-1, 1]) * random.pick([900, 60_000, 10 * 365 * 86_400_000]);
    const server = random.pick(namesIn(topology));
    faults.push({ id: `wall-${index}`, atMs: atMs(), kind: "wall-clock", server, aheadMs });
  }
  return faults;
}
