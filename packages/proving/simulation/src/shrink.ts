import { type LeftOut, nothingLeftOut } from "./planned.ts";
import { type SeedResult, simulateSeed } from "./simulate-seed.ts";

export interface Shrunk {
  readonly leftOut: LeftOut;
  readonly result: SeedResult;
}

/**
 * Leaves out planned failures and clients one by one, as long as the same rule still breaks. Each failure and
 * each client has its own random stream, so the rest of the run changes little.
 */
export async function shrink(failure: SeedResult, simulate = simulateSeed): Promise<Shrunk> {
  let best: Shrunk = { leftOut: nothingLeftOut, result: failure };
  for (const what of ["faults", "clients"] as const) {
    const all =
      what === "faults"
        ? [...failure.plan.faults, ...failure.plan.acts].map(({ id }) => id)
        : failure.plan.clients.map(({ name }) => name);
    for (const one of all) {
      const leftOut = { ...best.leftOut, [what]: new Set([...best.leftOut[what], one]) };
      const result = await simulate(failure.seed, { leftOut });
      if (result.violation?.checker === failure.violation?.checker) best = { leftOut, result };
    }
  }
  return best;
}

export function replayCommand({ leftOut, result }: Shrunk): string {
  const without = [...leftOut.faults, ...leftOut.clients];
  return [
    `npm run simulate -- --seed ${result.seed}`,
    ...(without.length > 0 ? [`--without ${without.join(",")}`] : []),
    "--log",
  ].join(" ");
}
