import { retry } from "@sallyport/clock";
import { Unavailable } from "@sallyport/domain";
import type { Host } from "@sallyport/server-kit";

export interface UntilAvailable {
  /** The message that is logged while the store does not answer. */
  readonly waits: string;
  readonly isOver: () => boolean;
}

const retryMs = 1_000;

/** Repeats the request until the store answers. Returns null if `isOver` became true before that. */
export const untilAvailable = <T>(
  { clock, log }: Pick<Host, "clock" | "log">,
  ask: () => Promise<T>,
  { waits, isOver }: UntilAvailable,
): Promise<T | null> =>
  retry(
    clock,
    async () => (isOver() ? null : ask()),
    () => null,
    (error) => {
      if (!(error instanceof Unavailable)) return null;
      log.warn({ err: error }, waits);
      return retryMs;
    },
  );
