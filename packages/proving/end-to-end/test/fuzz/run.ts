import fc from "fast-check";
import type { Decoder, Tally } from "./decoder.ts";

export interface RunOptions {
  readonly seed: number;
  readonly runs?: number;
  readonly withinMs?: number;
  /** fast-check's path to the failure. With it, fast-check runs only the failing input. */
  readonly path?: string;
}

export interface Ran {
  readonly decoder: Decoder;
  readonly runs: number;
  readonly tally: Tally;
  readonly failure: Failure | null;
}

interface Failure {
  readonly seed: number;
  readonly path: string;
  readonly counterexample: string;
  readonly error: unknown;
}

export async function run(decoder: Decoder, { seed, runs, withinMs, path }: RunOptions): Promise<Ran> {
  const tally: Tally = { taken: 0, refused: 0 };
  const details = await fc.check(decoder.property(tally), {
    seed,
    numRuns: runs ?? Number.MAX_SAFE_INTEGER,
    ...(withinMs !== undefined && { interruptAfterTimeLimit: withinMs }),
    ...(path !== undefined && { path }),
  });
  // If the time limit ends before the first run, fast-check reports a failure without an example. That is no
  // failure here.
  const failure =
    details.counterexample === null
      ? null
      : {
          seed: details.seed,
          path: details.counterexamplePath ?? "0",
          counterexample: fc.stringify(details.counterexample),
          error: details.errorInstance,
        };
  return { decoder, runs: details.numRuns, tally, failure };
}

export const anySeed = (): number => Math.floor(Math.random() * 0x7fff_ffff);

/** Returns a description of the failure, with the command that repeats it. */
export function describeFailure({ name }: Decoder, { seed, path, counterexample, error }: Failure): string {
  const replay = `npm run fuzz -- --only "${name}" --seed ${seed} --path ${path}`;
  return [
    `${name} failed with seed ${seed}.`,
    `  counterexample: ${counterexample}`,
    `  ${describe(error)}`,
    `  again: ${replay}`,
  ].join("\n");
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : `\n  because of ${describe(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
