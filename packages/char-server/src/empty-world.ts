import { delay } from "@sallyport/clock";
import type { Host } from "@sallyport/server-kit";

export interface EmptyWorldDeps {
  readonly withinMs: number;
  readonly sendAllAway: () => Promise<void>;
  readonly everybodyLeft: () => Promise<boolean>;
  /** After this call, no further map-server can link. Linked map-servers stay linked. */
  readonly admitNobody: () => void;
}

const askAgainMs = 500;
const lookEveryMs = 50;

/**
 * Saves all players and makes them leave. Returns false if a map-server may still have a player. Then the
 * char-server must not give up its locks.
 */
export async function emptyWorld(
  { clock }: Pick<Host, "clock">,
  { withinMs, sendAllAway, everybodyLeft, admitNobody }: EmptyWorldDeps,
): Promise<boolean> {
  const untilMs = clock.nowMs() + withinMs;
  let isShut = false;
  let askMs = clock.nowMs();
  for (;;) {
    // Ask again, because a map-server may have linked since the last request.
    if (clock.nowMs() >= askMs) {
      askMs += askAgainMs;
      await sendAllAway();
    }
    const isEmpty = await everybodyLeft();
    if (isEmpty && isShut) return true;
    if (isEmpty) {
      // Check once more, even after the deadline: a map-server may have linked before `admitNobody` was
      // called.
      admitNobody();
      isShut = true;
    } else if (clock.nowMs() >= untilMs) return false;
    else await delay(clock, lookEveryMs);
  }
}
