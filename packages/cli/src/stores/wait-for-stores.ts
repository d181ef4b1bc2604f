import { backOffMs, retry } from "@sallyport/clock";
import { isNotThereYet } from "@sallyport/database";
import { Unavailable } from "@sallyport/domain";
import type { Shell } from "../process/shell.ts";

export class StoppedEarly extends Error {
  override readonly name = "StoppedEarly";
  constructor() {
    super("stopped before it had started");
  }
}

const pause = { minMs: 200, maxMs: 5_000 };

/**
 * Opens a store that may still be starting. If the store is unavailable, tries again for at most `withinMs`.
 * After that, rejects with an error that contains the name of the setting. If `open` fails for a reason that
 * waiting cannot cure, rejects at once.
 */
export async function onceThere<T>(
  { clock, random, log, stopping }: Pick<Shell, "clock" | "random" | "log" | "stopping">,
  open: () => Promise<T>,
  withinMs: number,
): Promise<T> {
  const untilMs = clock.nowMs() + withinMs;
  let lastWhy = "";
  const pauseAfterError = (error: unknown, tries: number): number | null => {
    if (!(error instanceof Unavailable) && !isNotThereYet(error)) return null;
    const pauseMs = backOffMs(tries - 1, pause) * (0.5 + random());
    const why = error instanceof Error ? error.message : String(error);
    if (clock.nowMs() + pauseMs > untilMs) throw givenUp(why, withinMs, error);
    if (why !== lastWhy) log.warn({ why, withinMs }, "a store does not answer yet; trying again");
    lastWhy = why;
    return pauseMs;
  };
  return retry(
    (ms) => delayUnlessStopped(ms, { clock, stopping }),
    open,
    () => null,
    pauseAfterError,
  );
}

const givenUp = (why: string, withinMs: number, cause: unknown): Error =>
  new Error(`${why} (not available within START_WITHIN_MS, ${withinMs} ms)`, { cause });

/** Waits for `ms`. Rejects with `StoppedEarly` if the process is told to stop before that. */
const delayUnlessStopped = (
  ms: number,
  { clock, stopping }: Pick<Shell, "clock" | "stopping">,
): Promise<void> =>
  new Promise((resolve, reject) => {
    const over = (): void => {
      cancel();
      stopping?.removeEventListener("abort", over);
      if (stopping?.aborted === true) reject(new StoppedEarly());
      else resolve();
    };
    const cancel = clock.after(ms, over);
    if (stopping?.aborted === true) over();
    else stopping?.addEventListener("abort", over);
  });
