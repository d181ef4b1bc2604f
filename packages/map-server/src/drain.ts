import { type Clock, delay } from "@sallyport/link";
import type { Log } from "@sallyport/server-kit";
import type { CharLink } from "./char-link.ts";
import type { Population } from "./population.ts";

export interface DrainOptions {
  readonly link: Pick<CharLink, "drain" | "isDrainTold" | "isUp">;
  readonly population: Pick<Population, "close" | "count" | "strays">;
  /** Players still here then are left to whoever stops the server. */
  readonly withinMs: number;
  readonly isStopped: () => boolean;
  /** Tells the char-server how many are left. */
  readonly tell: () => void;
  readonly clock: Clock;
  readonly log: Log;
}

const lookEveryMs = 100;
const tellEveryMs = 500;

/**
 * Gives the maps to other map-servers and waits until all players are passed on, as far as others have their maps.
 * Who was on the way here is let in first. Whoever is left has nobody else to go to, or took too long.
 */
export async function drain(options: DrainOptions): Promise<void> {
  const { link, population, withinMs, isStopped, tell, clock, log } = options;
  const startedMs = clock.nowMs();
  let toldMs = startedMs;
  const ended = (): string | null => {
    if (isStopped()) return "stopped";
    if (population.count === 0 && (link.isDrainTold || !link.isUp)) return "empty";
    if (link.isDrainTold && population.strays.length === 0) return "nobody to hand over to";
    return clock.nowMs() - startedMs >= withinMs ? "too late" : null;
  };
  population.close();
  link.drain();
  log.info({ players: population.count }, "draining");
  for (;;) {
    const why = ended();
    const nowMs = clock.nowMs();
    if (why !== null || nowMs - toldMs >= tellEveryMs) {
      toldMs = nowMs;
      tell();
      log.info({ players: population.count }, "still draining");
    }
    if (why !== null) {
      const isEmpty = population.count === 0;
      log[isEmpty ? "info" : "warn"]({ players: population.count, why }, isEmpty ? "drained" : "not drained");
      return;
    }
    await delay(clock, lookEveryMs);
  }
}
