import {
  type AccountCommand,
  type AccountEffect,
  type AccountLock,
  type AccountRefusal,
  accountLockTable,
} from "./account-lock.ts";
import type { CharacterCommand, CharacterEffect, CharacterLock, CharacterRefusal } from "./character-lock.ts";
import { characterLockTable } from "./character-lock-table.ts";
import { decideBy, type LockCore } from "./machine.ts";
import {
  absent,
  reclaimDeadlineOf,
  type ServerCommand,
  type ServerEffect,
  type ServerLock,
  type ServerRefusal,
  serverLockTable,
} from "./server-lock.ts";
import { isAccountLock, isCharacterLock, isServerLock } from "./stored-lock.ts";
import type { LockTiming } from "./timing.ts";

type Owned = AccountLock | CharacterLock;

const owned = {
  initial: { state: "free" },
  deadlineOf: (lock: Owned): number | null => ("deadlineMs" in lock ? lock.deadlineMs : null),
  ownerOf: (lock: Owned): string | null => ("owner" in lock ? lock.owner.incarnation : null),
  isInitial: (lock: Owned): boolean => lock.state === "free",
} as const;

export const accountLockCore = (
  timing: LockTiming,
): LockCore<AccountLock, AccountCommand, AccountEffect, AccountRefusal> => ({
  ...owned,
  decide: (lock, command, { nowMs }) => decideBy(accountLockTable, lock, command, { nowMs, timing }),
  isLock: isAccountLock,
});

export const characterLockCore = (
  timing: LockTiming,
): LockCore<CharacterLock, CharacterCommand, CharacterEffect, CharacterRefusal> => ({
  ...owned,
  decide: (lock, command, { nowMs }) => decideBy(characterLockTable, lock, command, { nowMs, timing }),
  isLock: isCharacterLock,
});

export const serverLockCore = (
  timing: LockTiming,
): LockCore<ServerLock, ServerCommand, ServerEffect, ServerRefusal> => ({
  initial: absent,
  decide: (lock, command, { nowMs }) => decideBy(serverLockTable, lock, command, { nowMs, timing }),
  /** A connected server may have two deadlines. This function returns the earlier one. */
  deadlineOf: (lock) => {
    if (lock.state === "absent") return null;
    return lock.state === "away" ? lock.deadlineMs : Math.min(lock.deadlineMs, reclaimDeadlineOf(lock));
  },
  ownerOf: () => null,
  isInitial: (lock) => lock.state === "absent",
  isLock: isServerLock,
});
