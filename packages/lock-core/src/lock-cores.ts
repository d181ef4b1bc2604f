import {
  type AccountCommand,
  type AccountEffect,
  type AccountLock,
  type AccountRefusal,
  accountDurations,
  accountLockTable,
} from "./account-lock.ts";
import type { CharacterCommand, CharacterEffect, CharacterLock, CharacterRefusal } from "./character-lock.ts";
import { characterDurations, characterLockTable, type DecidedLock } from "./character-lock-table.ts";
import { type Decided, type Decision, decideBy, decideWithin, type LockCore } from "./machine.ts";
import {
  absent,
  type ServerCommand,
  type ServerEffect,
  type ServerLock,
  type ServerRefusal,
  serverDeadlineOf,
  serverLockTable,
} from "./server-lock.ts";
import { isAccountLock, isCharacterLock, isServerLock } from "./stored-lock.ts";
import type { LockTiming } from "./timing.ts";

type Owned = AccountLock | CharacterLock;

const owned = {
  initial: { state: "free" },
  ownerOf: (lock: Owned): string | null => ("owner" in lock ? lock.owner.incarnation : null),
  isInitial: (lock: Owned): boolean => lock.state === "free",
} as const;

export const accountLockCore = (
  timing: LockTiming,
): LockCore<AccountLock, AccountCommand, AccountEffect, AccountRefusal> => ({
  ...owned,
  decide: decideWithin(accountLockTable, accountDurations, timing),
  isLock: isAccountLock,
});

export const characterLockCore = (
  timing: LockTiming,
): LockCore<CharacterLock, CharacterCommand, CharacterEffect, CharacterRefusal> => {
  const decide = decideWithin(characterLockTable, characterDurations, timing);
  return {
    ...owned,
    decide: (lock, command, { isRestoring }) => {
      const asFound: DecidedLock = isRestoring && lock.state === "free" ? { state: "unrestored" } : lock;
      const decided = decide(asFound, command);
      // No cell leads to `unrestored`. A test of the table compares the cells with their steps.
      return decided as Decided<CharacterLock, CharacterEffect, CharacterRefusal>;
    },
    isLock: isCharacterLock,
  };
};

/** A server lock holds its own deadline. This function adds the deadline to a decision about the lock. */
export function withOwnDeadline<Effect, Refusal>(
  lock: ServerLock,
  decision: Decision<ServerLock, Effect, Refusal>,
): Decided<ServerLock, Effect, Refusal> {
  if (!decision.ok) return decision;
  const atMs = serverDeadlineOf(decision.next);
  const begun = atMs === null ? "none" : { atMs };
  return { ...decision, deadline: decision.next === lock ? "keep" : begun, when: undefined };
}

export const serverLockCore = (
  timing: LockTiming,
): LockCore<ServerLock, ServerCommand, ServerEffect, ServerRefusal> => ({
  initial: absent,
  decide: (lock, command, { nowMs }) =>
    withOwnDeadline(lock, decideBy(serverLockTable, lock, command, { nowMs, timing })),
  ownerOf: () => null,
  isInitial: (lock) => lock.state === "absent",
  isLock: isServerLock,
});
