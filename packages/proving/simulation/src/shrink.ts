import { type LeftOut, nothingLeftOut } from "./plan.ts";
import { type SeedResult, simulateSeed } from "./simulate-seed.ts";

export interface Shrunk {
  readonly leftOut: LeftOut;
  readonly result: SeedResult;
}

/**
 * Leaves out one fault or client after the other, as long as the same rule is still broken without it. What each of
 * them draws does not depend on the others, so the rest stays much the same.
 */
export async function shrink(failure: SeedResult, simulate = simulateSeed): Promise<Shrunk> {
  let best: Shrunk = { leftOut: nothingLeftOut, result: failure };
  for (const what of ["faults", "clients"] as const) {
    const all =
      what === "faults"
        ? failure.plan.faults.map(({ id }) => id)
        : failure.plan.clients.map(({ name }) => name);
    for (const one of all) {
      const leftOut = { ...best.leftOut, [what]: new Set([...best.leftOut[what], one]) };
      const result = await simulate(failure.seed, { leftOut });
      if (result.violation?.checker === failure.violation?.checker) best = { leftOut, result };
    }
  }
  return best;
}

/** What replays it, and its history. */
export function replayCommand({ leftOut, result }: Shrunk): string {
  const without = [...leftOut.faults, ...leftOut.clients];
  return [
    `npm run simulate -- --seed ${result.seed}`,
    ...(without.length > 0 ? [`--without ${without.join(",")}`] : []),
    "--log",
  ].join(" ");
}
