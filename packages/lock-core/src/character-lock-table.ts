import type {
  CharacterCommand,
  CharacterEffect,
  CharacterLock,
  CharacterRefusal,
  Choosing,
  Common,
  Entering,
  Evicting,
  HandingOver,
  OnMap,
  Orphaned,
  Playing,
  Returning,
} from "./character-lock.ts";
import {
  type At,
  areSameIds,
  type Decision,
  decideBy,
  go,
  idsOf,
  isSameOwner,
  type LockTable,
  type LoginIds,
  no,
  type Owner,
} from "./machine.ts";
import type { LockTiming } from "./timing.ts";

type Table = LockTable<CharacterLock, CharacterCommand, CharacterEffect, CharacterRefusal, LockTiming>;
type Step = Decision<CharacterLock, CharacterEffect, CharacterRefusal>;
type Timed = { readonly deadlineMs: number };
type OfMap = Entering | Playing | Evicting | Orphaned;

const free: CharacterLock = { state: "free" };

const commonOf = (lock: Common): Common => ({ ...idsOf(lock), accountFence: lock.accountFence });
const onMapOf = (lock: OnMap): OnMap => ({
  ...commonOf(lock),
  owner: lock.owner,
  charId: lock.charId,
  charFence: lock.charFence,
});

const releaseAccount = (lock: LoginIds): CharacterEffect => ({
  type: "release-account",
  loginId1: lock.loginId1,
});
const kickClient = (lock: LoginIds): CharacterEffect => ({ type: "kick-client", loginId1: lock.loginId1 });
const kick = ({ owner, charId, charFence }: OnMap): CharacterEffect => ({
  type: "kick",
  owner,
  charId,
  charFence,
});
const lost = ({ owner, charId, charFence }: OnMap): CharacterEffect => ({
  type: "lost",
  owner,
  charId,
  charFence,
});

const isDue = (lock: Timed, at: At<LockTiming>): boolean => at.nowMs >= lock.deadlineMs;

const choosing = (lock: Common, owner: Owner, at: At<LockTiming>): Choosing => ({
  state: "choosing",
  ...commonOf(lock),
  owner,
  deadlineMs: at.nowMs + at.timing.chooseMs,
});

/** The char-server owns the lock itself, so there is nobody to ask and nothing to save. */
const evictAtOnce = {
  to: ["free"],
  step: (lock: Choosing | Returning | HandingOver): Step => go(free, kickClient(lock), releaseAccount(lock)),
} as const;

const expireAtCharServer = {
  to: ["free"],
  step: (lock: Choosing | Returning | HandingOver, _command: unknown, at: At<LockTiming>): Step =>
    isDue(lock, at) ? go(free, kickClient(lock), releaseAccount(lock)) : no("not-due"),
} as const;

const expireAtMapServer = {
  to: ["free"],
  step: (lock: OnMap & Timed, _command: unknown, at: At<LockTiming>): Step =>
    isDue(lock, at) ? go(free, lost(lock), releaseAccount(lock)) : no("not-due"),
} as const;

const abandon = {
  to: ["free"],
  step: (lock: Choosing | Returning | HandingOver, command: { owner: Owner; loginId1: number }): Step =>
    isSameOwner(lock.owner, command.owner) && lock.loginId1 === command.loginId1
      ? go(free, releaseAccount(lock))
      : no("not-owner"),
} as const;

interface InHand {
  readonly charId: number;
  readonly charFence: number;
}
const isSameInHand = (lock: OfMap, { charId, charFence }: InHand): boolean =>
  lock.charId === charId && lock.charFence === charFence;

const isMeant = (
  lock: HandingOver,
  target: Owner,
  { charId, loginId1 }: { charId: number; loginId1: number },
): boolean => isSameOwner(lock.target, target) && lock.charId === charId && lock.loginId1 === loginId1;

const leave = {
  to: ["free"],
  step: (lock: OfMap, command: InHand & { owner: Owner }): Step =>
    isSameOwner(lock.owner, command.owner) && isSameInHand(lock, command)
      ? go(free, releaseAccount(lock))
      : no("not-owner"),
} as const;

const evictFromMap = {
  to: ["evicting"],
  step: (lock: Entering | Playing, _command: unknown, at: At<LockTiming>): Step =>
    go({ ...onMapOf(lock), state: "evicting", deadlineMs: at.nowMs + at.timing.evictMs }, kick(lock)),
} as const;

const orphan = {
  to: ["orphaned"],
  step: (lock: Entering | Playing | Evicting, { owner }: { owner: Owner }, at: At<LockTiming>): Step =>
    isSameOwner(lock.owner, owner)
      ? go({ ...onMapOf(lock), state: "orphaned", deadlineMs: at.nowMs + at.timing.reconnectMs })
      : no("not-owner"),
} as const;

const forfeit = {
  to: ["free"],
  step: (lock: OfMap, { owner }: { owner: Owner }): Step =>
    isSameOwner(lock.owner, owner) ? go(free, lost(lock), releaseAccount(lock)) : no("not-owner"),
} as const;

export const characterLockTable: Table = {
  free: {
    open: {
      to: ["choosing"],
      step: (_lock, command, at) => go(choosing(command, command.owner, at)),
    },
    renew: "no-lock",
    choose: "no-lock",
    acknowledge: "no-lock",
    decline: "no-lock",
    enter: "no-lock",
    return: "no-lock",
    abandon: "no-lock",
    leave: "no-lock",
    evict: "no-lock",
    orphan: "no-lock",
    resume: "no-lock",
    reclaim: "no-lock",
    forfeit: "no-lock",
    expire: "not-due",
  },
  choosing: {
    open: "already-choosing",
    renew: {
      to: ["choosing"],
      step: (lock, { owner }, at) =>
        isSameOwner(lock.owner, owner) ? go(choosing(lock, owner, at)) : no("not-owner"),
    },
    choose: {
      to: ["handing-over"],
      step: (lock, { owner, loginId1, charId, target }, at) =>
        isSameOwner(lock.owner, owner) && lock.loginId1 === loginId1
          ? go({
              state: "handing-over",
              ...commonOf(lock),
              owner,
              charId,
              target,
              deadlineMs: at.nowMs + at.timing.handOverMs,
            })
          : no("not-owner"),
    },
    acknowledge: "not-handing-over",
    decline: "not-handing-over",
    enter: "not-entering",
    return: "not-on-a-map",
    abandon,
    leave: "not-owner",
    evict: evictAtOnce,
    orphan: "not-on-a-map",
    resume: "not-on-a-map",
    reclaim: "not-owner",
    forfeit: "not-owner",
    expire: expireAtCharServer,
  },
  returning: {
    open: {
      to: ["choosing"],
      step: (lock, command, at) => {
        if (isDue(lock, at)) return no("too-late");
        return areSameIds(lock, command) ? go(choosing(command, command.owner, at)) : no("ids-differ");
      },
    },
    renew: "not-owner",
    choose: "not-owner",
    acknowledge: "not-handing-over",
    decline: "not-handing-over",
    enter: "not-entering",
    return: "not-on-a-map",
    abandon,
    leave: "not-owner",
    evict: evictAtOnce,
    orphan: "not-on-a-map",
    resume: "not-on-a-map",
    reclaim: "not-owner",
    forfeit: "not-owner",
    expire: expireAtCharServer,
  },
  "handing-over": {
    open: "already-choosing",
    renew: "not-owner",
    choose: "second-choice",
    acknowledge: {
      to: ["entering"],
      step: (lock, command, at) =>
        isMeant(lock, command.owner, command)
          ? go({
              state: "entering",
              ...commonOf(lock),
              owner: command.owner,
              charId: command.charId,
              charFence: command.charFence,
              deadlineMs: at.nowMs + at.timing.charToMapMs,
            })
          : no("not-owner"),
    },
    decline: {
      to: ["choosing"],
      step: (lock, command, at) =>
        isMeant(lock, command.target, command) ? go(choosing(lock, lock.owner, at)) : no("not-owner"),
    },
    enter: "not-entering",
    return: "not-on-a-map",
    abandon,
    leave: "not-owner",
    evict: evictAtOnce,
    orphan: "not-on-a-map",
    resume: "not-on-a-map",
    reclaim: "not-owner",
    forfeit: "not-owner",
    expire: expireAtCharServer,
  },
  entering: {
    open: "on-a-map",
    renew: "not-owner",
    choose: "second-choice",
    acknowledge: "not-handing-over",
    decline: "not-handing-over",
    enter: {
      to: ["playing"],
      step: (lock, command, at) => {
        if (!isSameOwner(lock.owner, command.owner)) return no("not-owner");
        if (!isSameInHand(lock, command) || lock.loginId1 !== command.loginId1) return no("ids-differ");
        return isDue(lock, at) ? no("too-late") : go({ ...onMapOf(lock), state: "playing" });
      },
    },
    return: "not-on-a-map",
    abandon: "not-owner",
    leave,
    evict: evictFromMap,
    orphan,
    resume: "not-owner",
    reclaim: "not-owner",
    forfeit,
    expire: expireAtMapServer,
  },
  playing: {
    open: "on-a-map",
    renew: "not-owner",
    choose: "second-choice",
    acknowledge: "not-handing-over",
    decline: "not-handing-over",
    enter: "not-entering",
    return: {
      to: ["returning"],
      step: (lock, command, at) =>
        isSameOwner(lock.owner, command.from) && isSameInHand(lock, command)
          ? go({
              state: "returning",
              ...commonOf(lock),
              owner: command.owner,
              deadlineMs: at.nowMs + at.timing.mapToCharMs,
            })
          : no("not-owner"),
    },
    abandon: "not-owner",
    leave,
    evict: evictFromMap,
    orphan,
    resume: "not-owner",
    // Asked again because the answer was lost.
    reclaim: {
      to: ["playing"],
      step: (lock, command) =>
        isSameOwner(lock.owner, command.owner) &&
        isSameInHand(lock, command) &&
        lock.loginId1 === command.loginId1
          ? go(lock)
          : no("not-owner"),
    },
    forfeit,
    expire: "not-due",
  },
  evicting: {
    open: "being-evicted",
    renew: "not-owner",
    choose: "being-evicted",
    acknowledge: "not-handing-over",
    decline: "not-handing-over",
    enter: "being-evicted",
    return: "being-evicted",
    abandon: "not-owner",
    leave,
    // Asked again in case the first kick was lost. The deadline stays: a flood of logins must not move it.
    evict: { to: ["evicting"], step: (lock) => go(lock, kick(lock)) },
    orphan,
    resume: "not-owner",
    reclaim: "being-evicted",
    forfeit,
    expire: expireAtMapServer,
  },
  orphaned: {
    open: "orphaned",
    renew: "not-owner",
    choose: "orphaned",
    acknowledge: "not-handing-over",
    decline: "not-handing-over",
    enter: "orphaned",
    return: "orphaned",
    abandon: "not-owner",
    leave,
    evict: "orphaned",
    orphan: "orphaned",
    resume: {
      to: ["orphaned"],
      step: (lock, { owner }, at) =>
        isSameOwner(lock.owner, owner)
          ? go({ ...lock, deadlineMs: at.nowMs + at.timing.reclaimMs })
          : no("not-owner"),
    },
    reclaim: {
      to: ["playing"],
      step: (lock, command, at) => {
        if (isDue(lock, at)) return no("too-late");
        if (lock.owner.server !== command.owner.server) return no("not-owner");
        if (!isSameInHand(lock, command) || lock.loginId1 !== command.loginId1) return no("ids-differ");
        return go({ ...onMapOf(lock), owner: command.owner, state: "playing" });
      },
    },
    forfeit,
    expire: expireAtMapServer,
  },
};

export const characterLockCore = (timing: LockTiming) => ({
  initial: free,
  decide: (lock: CharacterLock, command: CharacterCommand, at: { readonly nowMs: number }): Step =>
    decideBy(characterLockTable, lock, command, { nowMs: at.nowMs, timing }),
  deadlineOf: (lock: CharacterLock): number | null => ("deadlineMs" in lock ? lock.deadlineMs : null),
  ownerOf: (lock: CharacterLock): string | null => ("owner" in lock ? lock.owner.incarnation : null),
  isInitial: (lock: CharacterLock): boolean => lock.state === "free",
});
