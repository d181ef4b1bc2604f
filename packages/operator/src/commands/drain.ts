import type { MapServerStatus } from "@sallyport/char-server";
import { delay, systemClock } from "@sallyport/clock";
import { counted } from "@sallyport/command-line";
import { drain, mapServer } from "../requests/cluster-requests.ts";
import { type AdminPortAt, ask, CannotAsk } from "./ask.ts";

const lookEveryMs = 500;

/**
 * Drains a map-server through the admin port of its char-server and reports the progress. Resolves when the
 * map-server is gone. Throws `CannotAsk`.
 */
export async function drainMapServer(
  at: AdminPortAt,
  server: string,
  tell: (line: string) => void,
): Promise<void> {
  let status = (await ask(at, drain, { server })) as MapServerStatus | null;
  let told = "";
  let left = 0;
  // A map-server that is up again was restarted, so the drain is over.
  while (status !== null && status.state !== "up") {
    const { state, players, maps } = status;
    const only = maps.length > 0 ? `; nobody else may have ${maps.join(", ")}` : "";
    const line = `${server} is ${state}: ${counted(players, "player")} left${only}`;
    if (line !== told) tell(line);
    told = line;
    left = leftWith(left, status);
    await delay(systemClock, lookEveryMs);
    status = await statusOf(at, server);
  }
  tell(
    left === 0
      ? `${server} is drained`
      : `${server} has ended with ${counted(left, "player")} left: a map-server that stops saves and disconnects its players`,
  );
}

/**
 * The number of players that stay until the map-server ends: those on maps that no other map-server may host. One
 * that is away may already have ended, so its answer says nothing of them.
 */
export function leftWith(left: number, { state, players, maps }: MapServerStatus): number {
  if (state !== "draining") return left;
  return maps.length > 0 ? players : 0;
}

/** Resolves to null if the map-server is not linked any more. */
async function statusOf(at: AdminPortAt, server: string): Promise<MapServerStatus | null> {
  try {
    return (await ask(at, mapServer, { server })) as MapServerStatus;
  } catch (error) {
    if (error instanceof CannotAsk && error.refusal === "not-found") return null;
    throw error;
  }
}
