import { getHeapStatistics } from "node:v8";
import type fc from "fast-check";

/**
 * A reader of untrusted input, with a property that holds for all input. The unit tests run each decoder
 * briefly. `npm run fuzz` runs them for any length of time.
 */
export interface Decoder {
  readonly name: string;
  property(tally: Tally): fc.IRawProperty<unknown>;
}

/** Counts accepted and refused input. A run that accepts all input, or none, would prove nothing. */
export interface Tally {
  taken: number;
  refused: number;
}

export type Verdict<T> =
  | { readonly taken: true; readonly value: T }
  | { readonly taken: false; readonly why: string };

type Refusal = new (...args: never[]) => Error;

/**
 * The memory that a decoder may use in addition to its input. It does not depend on lengths that the input
 * claims.
 */
const heapBytesMax = 16 << 20;
const heapBytesPerByte = 512;

/**
 * Runs a decoder on `inputBytes` bytes. Fails if the decoder throws an error other than `refusal`, or uses
 * more memory than allowed.
 */
export function judge<T>(tally: Tally, refusal: Refusal, inputBytes: number, read: () => T): Verdict<T> {
  const before = heapBytes();
  let verdict: Verdict<T>;
  try {
    verdict = { taken: true, value: read() };
  } catch (error) {
    if (!(error instanceof refusal)) throw new Error(`not a ${refusal.name}`, { cause: error });
    verdict = { taken: false, why: error.message };
  }
  const grown = heapBytes() - before;
  if (grown > heapBytesMax + heapBytesPerByte * inputBytes) {
    throw new Error(`took ${grown} bytes of memory to read ${inputBytes}`);
  }
  if (verdict.taken) tally.taken += 1;
  else tally.refused += 1;
  return verdict;
}

function heapBytes(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}
