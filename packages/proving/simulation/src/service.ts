import type { Random } from "@sallyport/random";
import { healthyStoreMs } from "./latencies.ts";

export interface Service {
  latencyMs: readonly [number, number];
  /** The probability that an answer arrives long after the answers to later requests. */
  straggling: number;
  /** The probability that an operation fails. Half of the failed operations take effect nevertheless. */
  failing: number;
  /** The probability that an operation is reported as failed and carried out later. */
  givenUp: { all: number; edits: number };
}

export const healthy = (): Service => ({
  latencyMs: healthyStoreMs,
  straggling: 0,
  failing: 0,
  givenUp: { all: 0, edits: 0 },
});

/** Statements that create or delete something. */
const editing: ReadonlySet<string> = new Set([
  ...["create account", "create", "delete", "reserve deletion"],
  ...["rename", "move"],
]);

/**
 * Range of the delay in milliseconds for statements that are carried out late. A real Postgres that was
 * frozen also runs statements of connections that are already closed. Statements that create or delete have a
 * short delay, because the account's next login would make them void.
 */
export const lateMs = { others: [0, 6_000], edits: [20, 900] } as const;
export const lateOf = (what: string): readonly [number, number] =>
  editing.has(what) ? lateMs.edits : lateMs.others;

export const givenUpOf = ({ givenUp: { all, edits } }: Service, what: string): number =>
  editing.has(what) ? Math.max(all, edits) : all;

export const stragglesMs = [300, 1_500] as const;

export const replyMsOf = (random: Random, { latencyMs, straggling }: Service): number =>
  random.between(...latencyMs) +
  (straggling > 0 && random.chance(straggling) ? random.between(...stragglesMs) : 0);
