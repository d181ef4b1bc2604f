import { delay } from "@sallyport/clock";
import type { LogFields } from "../telemetry/log-keys.ts";
import type { Host } from "./host.ts";

export interface Draining {
  /** How many are left, under the key that the log uses for them. */
  readonly left: () => Pick<LogFields, "players" | "connections">;
  /** The reason to end the drain; null: continue. One such reason is that no client is left. */
  readonly over: () => string | null;
  readonly withinMs: number;
  readonly tellEveryMs: number;
  /** Called whenever the log reports the progress. */
  readonly tell?: () => void;
}

const lookEveryMs = 100;

/**
 * Resolves when draining is over or took too long. The caller that stops the server handles those who are
 * left.
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
