import { refused, Unavailable, UnreadableRow } from "@sallyport/domain";
import type { LogLines } from "../telemetry/log.ts";

/** If a store or another server does not answer, a client should wait this long before it tries again. */
export const unavailableRetryMs = 1_000;

export const unavailable = () => refused("unavailable", unavailableRetryMs);

/** Turns the error `Unavailable` into a refusal. Any other error is a bug and is thrown again. */
export async function orUnavailable<T>(
  log: Pick<LogLines, "warn">,
  run: () => Promise<T>,
): Promise<T | ReturnType<typeof unavailable>> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    const isRow = error instanceof UnreadableRow;
    log.warn({ err: error }, isRow ? "a row in Postgres cannot be used" : "a store did not answer");
    return unavailable();
  }
}
