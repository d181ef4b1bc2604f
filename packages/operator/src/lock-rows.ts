import {
  type CharacterLock,
  incarnationsOf,
  isAccountLock,
  isCharacterLock,
  isServerLock,
  lockIdOf,
  lockKindOf,
  type Owner,
  type ServerLock,
} from "@sallyport/lock-core";
import { readLock, UnreadableLock } from "@sallyport/lock-store";
import type { LockRow, OwnerState } from "./answers.ts";

/*
 * Turns locks into rows for operators. Only the listed fields are copied, so secrets in a lock are not shown.
 */

/** The name of a lock space. Null stands for the lock space of the login-servers. */
export const spaceOf = (world: string | null): string => (world === null ? "login" : `world:${world}`);

/** Stands for the state of a lock that cannot be read. */
export const unreadable = "unreadable";

/** Finds the server lock of a map-server in this world. With null, finds the server lock of a char-server. */
export type ServerLockLookup = (world: string | null, server: string) => ServerLock | typeof unreadable;

export interface ReadLock {
  readonly key: string;
  /** Null if the value in the store is not a lock. */
  readonly value: string | null;
  /** Null: the store keeps no deadline for the lock. */
  readonly deadlineMs: number | null;
  readonly world: string | null;
  readonly nowMs: number;
}

/** The fields of account and character locks that operators see. */
interface OwnedLock {
  readonly state: string;
  readonly owner?: Owner;
  readonly target?: Owner;
  readonly charId?: number;
  readonly trace?: string;
}

const blank = {
  accountId: null,
  charId: null,
  server: null,
  owner: null,
  ownerState: null,
  ownerLeftMs: null,
  target: null,
  leftMs: null,
  reclaimLeftMs: null,
  trace: null,
} satisfies Partial<LockRow>;

const leftOf = (deadlineMs: number | null | undefined, nowMs: number): number | null =>
  deadlineMs == null ? null : Math.max(0, deadlineMs - nowMs);

/**
 * In these states the lock names a char-server process as the owner. That process stays the owner while its
 * link drops and comes back.
 */
const atCharServer: ReadonlySet<string> = new Set<CharacterLock["state"]>([
  "choosing",
  "returning",
  "handing-over",
]);

/** Names the server lock that says whether the owner is connected. */
export function ownerServer(
  read: ReadLock,
): { readonly world: string | null; readonly server: string } | null {
  const { kind, lock } = parse(read);
  if (kind === "server" || lock?.owner === undefined) return null;
  const isMapServer = kind === "character" && !atCharServer.has(lock.state);
  return { world: isMapServer ? read.world : null, server: lock.owner.server };
}

/** Returns null if the key does not belong to a known kind of lock. */
export function lockRow(read: ReadLock, lockOf: ServerLockLookup): LockRow | null {
  const { kind, id, lock } = parse(read);
  const { world, nowMs } = read;
  if (!isKind(kind)) return null;
  if (lock === null) {
    const whose = kind === "server" ? { server: id } : { accountId: Number(id) };
    return { ...blank, kind, world, ...whose, state: unreadable };
  }
  if (kind === "server") return { ...serverRow(lock as ServerLock, nowMs), world, server: id };
  return {
    ...blank,
    kind,
    world,
    accountId: Number(id),
    charId: lock.charId ?? null,
    state: lock.state,
    ...ownerOf(read, lock, lockOf),
    target: lock.target?.server ?? null,
    leftMs: leftOf(read.deadlineMs, nowMs),
    trace: lock.trace || null,
  };
}

function ownerOf(read: ReadLock, { state, owner }: OwnedLock, lockOf: ServerLockLookup) {
  const at = ownerServer(read);
  if (at === null || owner === undefined) return {};
  const lock = lockOf(at.world, at.server);
  if (lock === unreadable) return { owner: owner.server, ownerState: unreadable, ownerLeftMs: null } as const;
  const isKnown = atCharServer.has(state) || incarnationsOf(lock).includes(owner.incarnation);
  const ownerState: OwnerState = lock.state === "absent" || !isKnown ? "over" : lock.state;
  const ownerLeftMs =
    ownerState === "away" && lock.state === "away" ? leftOf(lock.deadlineMs, read.nowMs) : null;
  return { owner: owner.server, ownerState, ownerLeftMs };
}

function serverRow(lock: ServerLock, nowMs: number): LockRow {
  const row = { ...blank, kind: "server", world: null, state: lock.state } as const;
  if (lock.state === "absent") return row;
  const reclaimLeftMs = lock.state === "connected" ? leftOf(lock.reclaimDeadlineMs, nowMs) : null;
  return { ...row, leftMs: leftOf(lock.deadlineMs, nowMs), reclaimLeftMs };
}

const shapes = { account: isAccountLock, character: isCharacterLock, server: isServerLock };

const isKind = (kind: string): kind is keyof typeof shapes => Object.hasOwn(shapes, kind);

/** `lock` is null if it cannot be read. */
function parse({ key, value }: Pick<ReadLock, "key" | "value">) {
  const kind = lockKindOf(key);
  const of = { kind, id: lockIdOf(key) };
  try {
    return { ...of, lock: readLock<OwnedLock>(key, value, isKind(kind) ? shapes[kind] : undefined) };
  } catch (error) {
    if (error instanceof UnreadableLock) return { ...of, lock: null };
    throw error;
  }
}

export const serverLockIn = (read: ReadLock): ServerLock | typeof unreadable =>
  (parse(read).lock as ServerLock | null) ?? unreadable;

/** The labels under which the census counts a lock. */
export function kindAndState(read: Pick<ReadLock, "key" | "value">): { kind: string; state: string } {
  const { kind, lock } = parse(read);
  return { kind, state: lock?.state ?? unreadable };
}
