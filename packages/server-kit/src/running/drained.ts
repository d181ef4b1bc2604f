import { delay } from "@sallyport/clock";
import type { LogFields } from "../telemetry/log-keys.ts";
import type { Host } from "./host.ts";

export interface Draining {
  /** Returns the number of remaining players or connections, under its log key. */
  readonly left: () => Pick<LogFields, "players" | "connections">;
  /**
   * Returns the reason to end the drain, for example that no client is left. Returns null if the drain must
   * continue.
   */
  readonly over: () => string | null;
  readonly withinMs: number;
  readonly tellEveryMs: number;
  /** Called each time the progress is logged, and at the end of the drain. */
  readonly tell?: () => void;
}

const lookEveryMs = 100;

/**
 * Resolves in two cases. 1: `over` returns a reason. 2: `withinMs` is over. The caller then ends the
 * remaining connections.
 */
export async function drained(
  { clock, log }: Pick<Host, "clock" | "log">,
  { left, over, withinMs, tellEveryMs, tell }: Draining,
): Promise<void> {
  const startedMs = clock.nowMs();
  let toldMs = startedMs;
  log.info({ ...left(), withinMs }, "draining");
  for (;;) {
    const nowMs = clock.nowMs();
    const why = over() ?? (nowMs - startedMs >= withinMs ? "too late" : null);
    if (why !== null || nowMs - toldMs >= tellEveryMs) {
      toldMs = nowMs;
      tell?.();
      if (why === null) log.info(left(), "still draining");
    }
    if (why !== null) {
      const isEmpty = Object.values(left()).every((count) => count === 0);
      log[isEmpty ? "info" : "warn"]({ ...left(), why }, isEmpty ? "drained" : "not drained");
      return;
    }
    await delay(clock, lookEveryMs);
  }
}
