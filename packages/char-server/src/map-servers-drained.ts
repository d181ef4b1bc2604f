import { delay } from "@sallyport/clock";
import type { Host } from "@sallyport/server-kit";
import type { MapHosting } from "./map-hosting.ts";

/** If several processes are stopped together, each knows within this time that the others are stopping. */
const sameMomentMs = 1_000;

/**
 * Waits until no linked map-server drains, but at most `withinMs`. A map-server that is stopped together with
 * the char-server still needs it to save players and to pass them on.
 */
export async function mapServersDrained(
  { clock }: Pick<Host, "clock">,
  hosting: Pick<MapHosting, "mapServers" | "statusOf">,
  withinMs: number,
): Promise<void> {
  const isDraining = () =>
    hosting.mapServers.some(({ server }) => hosting.statusOf(server)?.state === "draining");
  await delay(clock, sameMomentMs);
  const untilMs = clock.nowMs() + withinMs;
  while (clock.nowMs() < untilMs && isDraining()) await delay(clock, 50);
}
