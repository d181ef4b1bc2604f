import { Worker } from "node:worker_threads";
import type { Violation } from "../checkers/checker.ts";

export interface SeedWork {
  readonly from: number;
  readonly count: number;
  /** The name of a fault that is put in from outside; null: none. */
  readonly outside: string | null;
}

/** After each seed. */
export interface SeedNews {
  readonly seed: number;
  readonly violation: Violation | null;
}

/** Which rule was broken, and at which seed. */
export interface Seen {
  readonly seed: number;
  readonly by: string;
  readonly what: string;
}

/** No seed takes that long on a machine that does anything else, so it goes round in circles. */
const stuckMs = 300_000;

/**
 * Runs the seeds in a thread of its own, until one breaks a rule; null: none did. A fault may also end the thread by an error
 * that nobody catches, or keep it busy for ever.
 */
export function runSeedsOf(
  bundle: string,
  work: SeedWork,
  ran: (seeds: number) => void,
): Promise<Seen | null> {
  return new Promise((resolve) => {
    const worker = new Worker(bundle, {
      workerData: work,
      resourceLimits: { maxYoungGenerationSizeMb: 64, maxOldGenerationSizeMb: 2_048 },
    });
    let seed = work.from;
    const see = (by: string, what: string): void => {
      clearTimeout(timer);
      resolve({ seed, by, what });
      void worker.terminate();
    };
    const stuck = (): void => see("(stands still)", `seed ${seed} comes to no end`);
    let timer = setTimeout(stuck, stuckMs);
    worker.on("message", ({ violation }: SeedNews) => {
      clearTimeout(timer);
      if (violation !== null) return see(violation.checker, violation.what);
      timer = setTimeout(stuck, stuckMs);
      seed += 1;
      ran(seed - work.from);
    });
    worker.on("error", (error) =>
      see("(not caught)", error instanceof Error ? (error.stack ?? "") : String(error)),
    );
    worker.on("exit", () => {
      clearTimeout(timer);
      resolve(null);
    });
  });
}
