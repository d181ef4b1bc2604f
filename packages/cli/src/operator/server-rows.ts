import { type Presence, serverKinds } from "@sallyport/directory";
import type { LockRow, ServerCondition, ServerRow } from "./answers.ts";

/** Those that tell that they are there, and those that others know of and that tell nothing. */
export function serverRows(presences: readonly Presence[], locks: readonly LockRow[]): readonly ServerRow[] {
  const told = presences.map((presence) => rowOf(presence, lockOf(presence, locks)));
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

/** A char-server's lock is with the login-servers, a map-server's in its world. */
const lockOf = ({ kind, name, world }: Presence, locks: readonly LockRow[]): LockRow | undefined =>
  kind === "char" || kind === "map"
    ? locks.find((lock) => lock.server === name && lock.world === (kind === "map" ? world : null))
    : undefined;

function rowOf(presence: Presence, lock: LockRow | undefined): ServerRow {
  const { kind, name, world } = presence;
  const leftMs = lock?.state === "away" ? lock.leftMs : null;
  return { kind, name, world, condition: conditionOf(presence, lock), leftMs, presence };
}

function conditionOf({ kind, state, links }: Presence, lock: LockRow | undefined): ServerCondition {
  if (lock?.state === "away") return "away";
  if ((kind === "char" || kind === "map") && lock === undefined) return "unlinked";
  if (state === "draining") return "draining";
  return links.some((link) => link.state !== "up") ? "suspect" : "up";
}

function silentRow({ world, server, state, leftMs }: LockRow): ServerRow {
  const isAway = state === "away";
  return {
    kind: world === null ? "char" : "map",
    name: server ?? "",
    world,
    condition: isAway ? "away" : "silent",
    leftMs: isAway ? leftMs : null,
    presence: null,
  };
}
