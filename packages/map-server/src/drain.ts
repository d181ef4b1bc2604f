import { drained, type Host } from "@sallyport/server-kit";
import type { CharLink } from "./char-link.ts";
import type { Population } from "./population.ts";

export interface DrainOptions {
  readonly link: Pick<CharLink, "areOthersLinked" | "drain" | "isDrainTold" | "isUp">;
  readonly population: Pick<Population, "close" | "count" | "strays">;
  /**
   * Maximum time of the drain, in milliseconds. `MapServer.stop` then disconnects the players that are still
   * here.
   */
  readonly withinMs: number;
  readonly isStopped: () => boolean;
  readonly tell: () => void;
}

/**
 * Gives the maps to other map-servers, and waits until those servers have taken the players. This server
 * still admits players whose hand-over began before the drain. A player stays in two cases: no other server
 * can host its map, or the time is over.
 */
export function drain(
  host: Pick<Host, "clock" | "log">,
  { link, population, withinMs, isStopped, tell }: DrainOptions,
): Promise<void> {
  population.close();
  link.drain();
  return drained(host, {
    withinMs,
    tellEveryMs: 500,
    tell,
    left: () => ({ players: population.count }),
    over: () => {
      if (isStopped()) return "stopped";
      if (population.count === 0 && (link.isDrainTold || !link.isUp)) return "empty";
      const isDecided = link.isDrainTold && link.areOthersLinked;
      return isDecided && population.strays.length === 0 ? "nobody to hand over to" : null;
    },
  });
}
