import type { Clock } from "@sallyport/link";
import { drained, type Log } from "@sallyport/server-kit";
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

/**
 * Gives the maps to other map-servers and waits until all players are passed on, as far as others have their maps.
 * Who was on the way here is let in first. Whoever is left has nobody else to go to, or took too long.
 */
export function drain({ link, population, isStopped, ...options }: DrainOptions): Promise<void> {
  population.close();
  link.drain();
  return drained({
    ...options,
    tellEveryMs: 500,
    left: () => ({ players: population.count }),
    over: () => {
      if (isStopped()) return "stopped";
      if (population.count === 0 && (link.isDrainTold || !link.isUp)) return "empty";
      return link.isDrainTold && population.strays.length === 0 ? "nobody to hand over to" : null;
    },
  });
}
