import { getHeapStatistics } from "node:v8";
import type fc from "fast-check";

/**
 * Something that reads what others wrote, with the property that holds for whatever they wrote. Each is run a little
 * with the unit tests, and for as long as one likes by `npm run fuzz`.
 */
export interface Decoder {
  readonly name: string;
  property(tally: Tally): fc.IRawProperty<unknown>;
}

/** A run in which everything was taken, or nothing, would prove nothing. */
export interface Tally {
  taken: number;
  refused: number;
}

export type Verdict<T> =
  | { readonly taken: true; readonly value: T }
  | { readonly taken: false; readonly why: string };

type Refusal = new (...args: never[]) => Error;

/** Memory of a decoder beside what it was given: nothing that a lying length says is here. */
const heapBytesMax = 16 << 20;
const heapBytesPerByte = 512;

/** What a decoder makes of `inputBytes` bytes. It refuses by one kind of error, and takes no more memory than that. */
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
