import { type Clock, delay } from "@sallyport/link";

export interface EmptyWorldDeps {
  readonly clock: Clock;
  /** How long everybody has to be saved and to leave. */
  readonly withinMs: number;
  readonly sendAllAway: () => Promise<void>;
  readonly everybodyLeft: () => Promise<boolean>;
  /** No map-server is linked any more that was not linked before. */
  readonly admitNobody: () => void;
}

const askAgainMs = 500;
const lookEveryMs = 50;

/** False: some map-server may still have somebody, whose locks are not to be given away then. */
export async function emptyWorld(deps: EmptyWorldDeps): Promise<boolean> {
  const { clock, withinMs, sendAllAway, everybodyLeft, admitNobody } = deps;
  const untilMs = clock.nowMs() + withinMs;
  let isShut = false;
  let askMs = clock.nowMs();
  for (;;) {
    // One that comes back meanwhile is asked as well.
    if (clock.nowMs() >= askMs) {
      askMs += askAgainMs;
      await sendAllAway();
    }
    const isEmpty = await everybodyLeft();
    if (isEmpty && isShut) return true;
    if (isEmpty) {
      // Looked at once more, however late it is: some map-server may have come in between.
      admitNobody();
      isShut = true;
    } else if (clock.nowMs() >= untilMs) return false;
    else await delay(clock, lookEveryMs);
  }
}
