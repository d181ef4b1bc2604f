import { type Clock, delay } from "./clock.ts";

/**
 * Repeats `ask` until an answer is final. `pauseAfter` returns the pause before the next try, in
 * milliseconds, or null if the answer is final. `pauseAfterError` returns the pause after an error, or null
 * if the error must be thrown. `tries` is 1 at the first try.
 */
export async function retry<A>(
  timer: Clock | ((ms: number) => Promise<void>),
  ask: (tries: number) => Promise<A>,
  pauseAfter: (answer: A, tries: number) => number | null,
  pauseAfterError: (error: unknown, tries: number) => number | null = () => null,
): Promise<A> {
  for (let tries = 1; ; tries += 1) {
    const asked = ask(tries);
    const pauseMs = await asked.then(
      (answer) => pauseAfter(answer, tries),
      (error: unknown) => pauseAfterError(error, tries),
    );
    if (pauseMs === null) return asked;
    await (typeof timer === "function" ? timer(pauseMs) : delay(timer, pauseMs));
  }
}

/** The pause after this many failures in a row. It begins with `minMs` and doubles up to `maxMs`. */
export const backOffMs = (failures: number, { minMs, maxMs }: { minMs: number; maxMs: number }): number =>
  Math.min(maxMs, minMs * 2 ** failures);
