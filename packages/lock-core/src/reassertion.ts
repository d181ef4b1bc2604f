import { type AccountEffect, type AccountLock, accountDurations } from "./account-lock.ts";
import type { CharacterEffect, CharacterLock, Common } from "./character-lock.ts";
import { commonOf, entering, kickClient, lost, playing } from "./character-lock-moves.ts";
import { characterDurations } from "./character-lock-table.ts";
import { accountLockCore, characterLockCore, serverLockCore, withOwnDeadline } from "./lock-cores.ts";
import {
  type AtStore,
  areSameIds,
  asOwner,
  type Claimant,
  type Decided,
  type Decision,
  type Durations,
  deadlineIn,
  go,
  idsOf,
  isSameOwner,
  type LoginIds,
  no,
  type Owner,
} from "./machine.ts";
import type { At, ServerLock } from "./server-lock.ts";
import type { LockTiming } from "./timing.ts";

/*
 * Restores locks that the store lost. Each owner says which locks it holds. The tables cannot do this,
 * because they need the earlier state of a lock, and that state is lost. Locks may be restored only while no
 * new locks are granted. If two servers say that they hold the same lock, the newer fence wins, as for writes
 * to Postgres.
 */

/** A char-server sends this to say that it holds the lock. */
export interface AccountAssertion extends LoginIds {
  readonly owner: Claimant;
  readonly fence: number;
}

/** A map-server sends this to say that it holds the lock. `isPlaying` is true if the client has arrived. */
export interface CharacterAssertion extends Common {
  readonly owner: Claimant;
  readonly charId: number;
  readonly charFence: number;
  readonly isPlaying: boolean;
}

/** A server showed a cookie that is no longer in the store. This restores its server lock. */
export interface ServerAssertion {
  readonly incarnation: string;
  readonly cookieHash: string;
  readonly shownCookieHash: string;
}

/** `isThere`: the store already has the lock as its owner describes it. */
type Asserted<Lock, Effect> = Decision<Lock, Effect, "stale-fence"> & { readonly isThere?: true };

const there = <L extends { readonly owner: Owner }>(lock: L, owner: Owner) =>
  ({ ...go(ownedBy(lock, owner)), isThere: true }) as const;

function assertAccount(lock: AccountLock, said: AccountAssertion): Asserted<AccountLock, AccountEffect> {
  const { owner, fence } = said;
  const held = { state: "held", ...idsOf(said), fence, owner: asOwner(owner) } as const;
  if (lock.state === "free") return go(held);
  if (lock.state === "granted") return lock.fence < fence ? go(held) : no("stale-fence");
  if (lock.fence === fence && areSameIds(lock, said) && isOfServer(lock, owner)) return there(lock, owner);
  if (lock.fence >= fence) return no("stale-fence");
  return go(held, { type: "lost", owner: lock.owner, loginId1: lock.loginId1 });
}

function assertCharacter(
  lock: CharacterLock,
  said: CharacterAssertion,
): Asserted<CharacterLock, CharacterEffect> {
  const { charId, charFence, isPlaying } = said;
  const owner = asOwner(said.owner);
  const onMap = { ...commonOf(said), owner, charId, charFence };
  const next: CharacterLock = isPlaying ? playing(onMap) : entering(onMap, onMap);
  if (lock.state === "free") return go(next);
  if (!("charFence" in lock)) {
    return lock.accountFence < said.accountFence ? go(next, kickClient(lock)) : no("stale-fence");
  }
  const isSame = lock.charId === charId && lock.charFence === charFence && areSameIds(lock, said);
  if (isSame && isOfServer(lock, owner)) return there(lock, owner);
  const isNewer =
    lock.accountFence < said.accountFence ||
    // Each character has its own fences, so the fences of two characters of one login cannot be compared.
    (lock.accountFence === said.accountFence && lock.charId === charId && lock.charFence < charFence);
  return isNewer ? go(next, lost(lock)) : no("stale-fence");
}

function assertServer(
  lock: ServerLock,
  said: ServerAssertion,
  at: At,
): Decision<ServerLock, never, "server-lock-exists"> {
  if (lock.state !== "absent") return no("server-lock-exists");
  return go({ state: "connected", ...said, deadlineMs: at.nowMs + at.timing.leaseMs });
}

/**
 * Only the server's name is compared and not its incarnation: one shard of the store may have lost a newer
 * incarnation that another shard still has.
 */
const isOfServer = (lock: { readonly owner: Owner }, { server }: Owner): boolean =>
  lock.owner.server === server;

const ownedBy = <L extends { readonly owner: Owner }>(lock: L, owner: Owner): L =>
  isSameOwner(lock.owner, owner) ? lock : { ...lock, owner: asOwner(owner) };

/** A restored lock gets the full time of its state. A lock that the store already has keeps its deadline. */
function restored<Lock extends { readonly state: string }, Effect>(
  { isThere, ...decision }: Asserted<Lock, Effect>,
  durations: Durations<Lock, LockTiming>,
  timing: LockTiming,
): Decided<Lock, Effect, "stale-fence"> {
  if (!decision.ok) return decision;
  const deadline = isThere ? "keep" : deadlineIn(decision.next, durations, timing);
  return { ...decision, deadline, when: undefined };
}

export const accountReassertion = (timing: LockTiming) => ({
  ...accountLockCore(timing),
  decide: (lock: AccountLock, said: AccountAssertion) =>
    restored(assertAccount(lock, said), accountDurations, timing),
});

export const characterReassertion = (timing: LockTiming) => ({
  ...characterLockCore(timing),
  decide: (
    lock: CharacterLock,
    said: CharacterAssertion,
    { isRestoring }: AtStore,
  ): Decided<CharacterLock, CharacterEffect, "stale-fence" | "nothing-lost"> =>
    isRestoring ? restored(assertCharacter(lock, said), characterDurations, timing) : no("nothing-lost"),
});

export const serverReassertion = (timing: LockTiming) => ({
  ...serverLockCore(timing),
  decide: (lock: ServerLock, said: ServerAssertion, { nowMs }: Pick<At, "nowMs">) =>
    withOwnDeadline(lock, assertServer(lock, said, { nowMs, timing })),
});
