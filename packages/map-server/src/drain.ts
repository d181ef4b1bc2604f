import { drained, type Host } from "@sallyport/server-kit";
import type { CharLink } from "./char-link.ts";
import type { Population } from "./population.ts";

export interface DrainOptions {
  readonly link: Pick<CharLink, "areOthersLinked" | "drain" | "isDrainTold" | "isUp">;
  readonly population: Pick<Population, "close" | "count" | "strays">;
  /**
   * After this time the drain ends. Whatever stops the server then disconnects players that are still here.
   */
  readonly withinMs: number;
  readonly isStopped: () => boolean;
  /** Tells the char-server how many players are left. */
  readonly tell: () => void;
}

/**
 * Gives the maps to other map-servers, and waits until all players whose maps another server hosts are passed
 * on. Players on their way here are admitted first. Players that are left either had no other server to go
 * to, or took too long.
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
