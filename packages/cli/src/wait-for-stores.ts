import { isNotThereYet } from "@sallyport/database";
import { Unavailable } from "@sallyport/domain";
import type { Shell } from "./shell.ts";

/** The process was stopped before it had started. */
export class StoppedEarly extends Error {
  override readonly name = "StoppedEarly";
  constructor() {
    super("stopped before it had started");
  }
}

const pauseMinMs = 200;
const pauseMaxMs = 5_000;

/**
 * Opens a store that may start at the same time as this process: tries again for `withinMs` while the store
 * is not available. Rejects at once with an error that waiting does not cure. The error after `withinMs`
 * names the setting.
 */
export async function onceThere<T>(
  open: () => Promise<T>,
  { clock, random, log, stopping }: Pick<Shell, "clock" | "random" | "log" | "stopping">,
  withinMs: number,
): Promise<T> {
  const untilMs = clock.nowMs() + withinMs;
  let lastWhy = "";
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await open();
    } catch (error) {
      if (!(error instanceof Unavailable) && !isNotThereYet(error)) throw error;
      const pauseMs = Math.min(pauseMaxMs, pauseMinMs * 2 ** Math.min(attempt, 10)) * (0.5 + random());
      const why = error instanceof Error ? error.message : String(error);
      if (clock.nowMs() + pauseMs > untilMs) throw givenUp(why, withinMs, error);
      if (why !== lastWhy) log.warn({ why, withinMs }, "a store does not answer yet; trying again");
      lastWhy = why;
      await pause(pauseMs, { clock, stopping });
      if (stopping?.aborted === true) throw new StoppedEarly();
    }
  }
}

const givenUp = (why: string, withinMs: number, cause: unknown): Error =>
  new Error(`${why} (not available within START_WITHIN_MS, ${withinMs} ms)`, { cause });

const pause = (ms: number, { clock, stopping }: Pick<Shell, "clock" | "stopping">): Promise<void> =>
  new Promise((resolve) => {
    const over = (): void => {
      cancel();
      stopping?.removeEventListener("abort", over);
      resolve();
    };
    const cancel = clock.after(ms, over);
    if (stopping?.aborted === true) over();
    else stopping?.addEventListener("abort", over);
  });
