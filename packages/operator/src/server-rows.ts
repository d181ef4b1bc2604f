import { type Presence, serverKinds } from "@sallyport/directory";
import type { LockRow, ServerCondition, ServerRow } from "./answers.ts";
import { unreadable } from "./lock-rows.ts";

/**
 * Returns one row for each server that announces a presence, and for each server that has only a server lock.
 * `isSeen(world)` tells whether `locks` includes the server locks of that world. `isSeen(null)` tells the
 * same for char-servers.
 */
export function serverRows(
  presences: readonly Presence[],
  locks: readonly LockRow[],
  isSeen: (world: string | null) => boolean,
): readonly ServerRow[] {
  const told = presences.map((presence) => {
    const at = lockWorld(presence);
    return rowOf(presence, lockOf(presence, locks), at !== undefined && isSeen(at));
  });
  const untold = locks
    .filter((lock) => !presences.some((presence) => lockOf(presence, [lock]) !== undefined))
    .map(silentRow);
  return [...told, ...untold].sort(
    (a, b) =>
      serverKinds.indexOf(a.kind) - serverKinds.indexOf(b.kind) ||
      compare(a.world ?? "", b.world ?? "") ||
      compare(a.name, b.name),
  );
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * The server lock of a char-server is in the store of the login-servers (null). The server lock of a
 * map-server is in the store of its world. Other servers have no server lock (undefined).
 */
function lockWorld({ kind, world }: Presence): string | null | undefined {
  if (kind === "map") return world;
  return kind === "char" ? null : undefined;
}

const lockOf = (presence: Presence, locks: readonly LockRow[]): LockRow | undefined =>
  locks.find(({ server, world }) => server === presence.name && world === lockWorld(presence));

function rowOf(presence: Presence, lock: LockRow | undefined, hasLock: boolean): ServerRow {
  const { kind, name, world } = presence;
  const leftMs = lock?.state === "away" ? lock.leftMs : null;
  return { kind, name, world, condition: conditionOf(presence, lock, hasLock), leftMs, presence };
}

function conditionOf(
  { state, links }: Presence,
  lock: LockRow | undefined,
  hasLock: boolean,
): ServerCondition {
  if (lock?.state === "away") return "away";
  if (lock?.state === unreadable) return unreadable;
  if (hasLock && lock === undefined) return "unlinked";
  if (state === "draining") return "draining";
  return links.some((link) => link.state !== "up") ? "suspect" : "up";
}

function silentRow({ world, server, state, leftMs }: LockRow): ServerRow {
  const isAway = state === "away";
  return {
    kind: world === null ? "char" : "map",
    name: server ?? "",
    world,
    condition: isAway ? "away" : state === unreadable ? unreadable : "silent",
    leftMs: isAway ? leftMs : null,
    presence: null,
  };
}
