import { healthyStoreMs } from "./latencies.ts";
import type { Random } from "./random.ts";

/** How a store serves at the moment. */
export interface Service {
  latencyMs: readonly [number, number];
  /** That an answer comes long after those to what was asked later. */
  straggling: number;
  /** That an operation fails; then, half the time, after it took effect. */
  failing: number;
  /** That it fails, and is done later all the same. */
  givenUp: { all: number; edits: number };
}

export const healthy = (): Service => ({
  latencyMs: healthyStoreMs,
  straggling: 0,
  failing: 0,
  givenUp: { all: 0, edits: 0 },
});

/** Statements that make or delete something. */
const editing: ReadonlySet<string> = new Set(["create account", "create", "delete", "reserve deletion"]);

/**
 * A Postgres that stood still has what came over connections that nobody listens to any more. What makes or deletes something
 * comes a little late: with the next login of the account it is void.
 */
export const lateMs = { others: [0, 6_000], edits: [20, 900] } as const;
export const lateOf = (what: string): readonly [number, number] =>
  editing.has(what) ? lateMs.edits : lateMs.others;

export const givenUpOf = ({ givenUp: { all, edits } }: Service, what: string): number =>
  editing.has(what) ? Math.max(all, edits) : all;

export const stragglesMs = [300, 1_500] as const;

/** How long an answer is under way. */
export const replyMsOf = (random: Random, { latencyMs, straggling }: Service): number =>
  random.between(...latencyMs) +
  (straggling > 0 && random.chance(straggling) ? random.between(...stragglesMs) : 0);
