import { until } from "@sallyport/testkit";
import type { Aftermath } from "./checks/judge.ts";
import { readAudit } from "./cluster/audit.ts";
import { readBoard } from "./cluster/board.ts";
import type { ChaosCluster } from "./cluster/chaos-cluster.ts";
import { heldLocks } from "./cluster/locks.ts";
import { serverNames } from "./cluster/names.ts";
import { readScores, scoresWaiting } from "./cluster/scores.ts";
import type { History } from "./history/history.ts";

/** Servers have this many milliseconds to end the connections of clients that are gone. */
const partingMs = 20_000;

/** A resource-server that was killed gets the scores that it had taken again after 30 s. */
const scoresMs = 45_000;

export interface WindUpOptions {
  readonly tell: (line: string) => void;
  /** Servers have this many milliseconds to free the locks of accounts and characters. */
  readonly locksMs: number;
}

/**
 * Waits until the servers have parted with everybody, reads what Postgres recorded, and stops the servers. `judge`
 * decides whether what remains is a violation.
 */
export async function windUp(
  { servers, redis, databaseUrl }: ChaosCluster,
  history: History,
  { tell, locksMs }: WindUpOptions,
): Promise<Pick<Aftermath, "servers" | "locksLeft">> {
  const all = serverNames.map((name) => servers[name]);
  let locksLeft: readonly string[] = [];
  const areLocksFree = async (): Promise<boolean> => {
    locksLeft = await heldLocks(redis.url);
    return locksLeft.length === 0;
  };
  const partings = [
    ...all.map((server) => ({
      timeoutMs: partingMs,
      isDone: () => server.isRidOfClients(),
      what: `nobody is connected to ${server.name}`,
    })),
    { timeoutMs: locksMs, isDone: areLocksFree, what: "no account and no character is locked" },
  ];
  await Promise.all(
    partings.map(({ isDone, what, timeoutMs }) =>
      until(isDone, { what, timeoutMs }).catch((error: Error) => tell(error.message)),
    ),
  );
  // Nobody plays any more, so no score is added.
  await until(async () => (await scoresWaiting(databaseUrl)) === 0, {
    ...{ what: "no score waits for the resource-server", timeoutMs: scoresMs },
  }).catch((error: Error) => tell(error.message));
  history.audit = await readAudit(databaseUrl);
  Object.assign(history, await readScores(databaseUrl));
  history.written = await readBoard(databaseUrl);
  tell("stopping the servers in good order");
  for (const server of [...all].reverse()) await server.process.stop();
  return { servers: all, locksLeft };
}
