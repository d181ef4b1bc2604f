import { delay } from "@sallyport/clock";
import type { Host } from "@sallyport/server-kit";

export interface EmptyWorldDeps {
  /** How long all players have to be saved and to leave. */
  readonly withinMs: number;
  readonly sendAllAway: () => Promise<void>;
  readonly everybodyLeft: () => Promise<boolean>;
  /** After this call, no further map-server can link. Linked ones stay. */
  readonly admitNobody: () => void;
}

const askAgainMs = 500;
const lookEveryMs = 50;

/** False: some map-server may still have a player, so its locks must not be given away. */
export async function emptyWorld(
  { clock }: Pick<Host, "clock">,
  { withinMs, sendAllAway, everybodyLeft, admitNobody }: EmptyWorldDeps,
): Promise<boolean> {
  const untilMs = clock.nowMs() + withinMs;
  let isShut = false;
  let askMs = clock.nowMs();
  for (;;) {
    // A map-server that came back meanwhile has to be asked too.
    if (clock.nowMs() >= askMs) {
      askMs += askAgainMs;
      await sendAllAway();
    }
    const isEmpty = await everybodyLeft();
    if (isEmpty && isShut) return true;
    if (isEmpty) {
      // Check once more, even after the deadline: a map-server may have linked before the door was closed.
      admitNobody();
      isShut = true;
    } else if (clock.nowMs() >= untilMs) return false;
    else await delay(clock, lookEveryMs);
  }
}
