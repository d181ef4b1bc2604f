import { Worker } from "node:worker_threads";
import type { Violation } from "../checkers/checker.ts";
import type { Passages } from "./passage-watch.ts";

export interface SeedWork {
  readonly bundle: string;
  readonly seeds: readonly number[];
  /** The name of a fault that is planted without a change of a source. Null if there is none. */
  readonly outside: string | null;
  /** The places in the bundle to watch. Null if none are watched. */
  readonly passages: Passages | null;
}

export interface SeedNews {
  readonly seed: number;
  readonly violation: Violation | null;
  /** The indices of the watched places that the seed reached. */
  readonly reached: readonly number[];
}

export interface Seen {
  readonly seed: number;
  readonly by: string;
  readonly what: string;
}

/** No seed takes this long, even on a busy machine. If a seed does, its thread is in an endless loop. */
const stuckMs = 300_000;

/**
 * Runs the seeds in a thread until one breaks a rule. Resolves to null if none did. A fault can also end the
 * thread with an uncaught error, or make it run for ever.
 */
export function runSeedsOf(
  script: string,
  work: SeedWork,
  ran: (news: SeedNews) => void,
): Promise<Seen | null> {
  return new Promise((resolve) => {
    const worker = new Worker(script, {
      workerData: work,
      resourceLimits: { maxYoungGenerationSizeMb: 64, maxOldGenerationSizeMb: 2_048 },
    });
    const { seeds } = work;
    let count = 0;
    const see = (by: string, what: string): void => {
      clearTimeout(timer);
      resolve({ seed: seeds[count] ?? -1, by, what });
      void worker.terminate();
    };
    const stuck = (): void => see("(stands still)", `seed ${seeds[count]} comes to no end`);
    let timer = setTimeout(stuck, stuckMs);
    worker.on("message", (news: SeedNews) => {
      clearTimeout(timer);
      const { violation } = news;
      ran(news);
      if (violation !== null) return see(violation.checker, violation.what);
      timer = setTimeout(stuck, stuckMs);
      count += 1;
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
