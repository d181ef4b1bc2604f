import { isExempt, isRare } from "./exempt.ts";
import { watchDecisions } from "./lock-tables.ts";
import { Marks } from "./marks.ts";
import { type SeedResult, simulateSeed } from "./simulate-seed.ts";

export interface RunOptions {
  readonly from: number;
  /** Called before each seed, with the number of seeds that ran. If it returns true, the run ends. */
  readonly isEnough: (ran: number) => boolean;
  readonly progress?: (ran: number, last: SeedResult) => void;
}

export interface RunResult {
  readonly ran: number;
  readonly failure: SeedResult | null;
  /**
   * Marks that no seed reached, although a long run must reach them. `rareMissing` contains the rare marks
   * among them.
   */
  readonly missing: readonly string[];
  readonly rareMissing: readonly string[];
  readonly marks: Marks;
}

export async function runSeeds({ from, isEnough, progress }: RunOptions): Promise<RunResult> {
  const marks = new Marks();
  const stopWatching = watchDecisions(marks.decided);
  let ran = 0;
  let failure: SeedResult | null = null;
  try {
    while (failure === null && !isEnough(ran)) {
      const result = await simulateSeed(from + ran, { saw: marks.saw });
      ran += 1;
      if (result.violation !== null) failure = result;
      progress?.(ran, result);
    }
  } finally {
    stopWatching();
  }
  const wanted = marks.missing().filter((mark) => !isExempt(mark));
  return {
    ...{ ran, failure, marks },
    missing: wanted.filter((mark) => !isRare(mark)),
    rareMissing: wanted.filter(isRare),
  };
}
