import type {
  CharacterCommand,
  CharacterEffect,
  CharacterLock,
  CharacterRefusal,
  Unrestored,
} from "./character-lock.ts";
import {
  abandon,
  back,
  choosing,
  commonOf,
  entering,
  evictAtOnce,
  evictFromMap,
  expireAtCharServer,
  expireAtMapServer,
  expireHop,
  forfeit,
  isMeant,
  isSameInHand,
  kick,
  leave,
  onMapOf,
  openAgain,
  playing,
  reclaim,
  reclaimEvicted,
  unlessDue,
} from "./character-lock-moves.ts";
import { areSameIds, type Durations, go, isSameOwner, type LockTable, no, told } from "./machine.ts";
import type { LockTiming } from "./timing.ts";

/** A lock that the store does not have is `free`, or `unrestored` while locks are being restored. */
export type DecidedLock = CharacterLock | Unrestored;
type Table = LockTable<DecidedLock, CharacterCommand, CharacterEffect, CharacterRefusal>;

export const characterDurations: Durations<DecidedLock, LockTiming> = {
  free: null,
  unrestored: null,
  choosing: "chooseMs",
  returning: "mapToCharMs",
  "handing-over": "handOverMs",
  entering: "charToMapMs",
  playing: null,
  hopping: "handOverMs",
  evicting: "evictMs",
};

export const characterLockTable: Table = {
  free: {
    open: { to: ["choosing"], step: (_lock, command) => go(choosing(command, command.owner)) },
    renew: "no-lock",
    choose: "no-lock",
    hop: "no-lock",
    acknowledge: "no-lock",
    decline: "no-lock",
    enter: "no-lock",
    return: "no-lock",
    abandon: "no-lock",
    leave: "no-lock",
    evict: "no-lock",
    reclaim: "no-lock",
    forfeit: "no-lock",
    expire: "not-due",
  },
  unrestored: {
    open: {
      to: ["choosing"],
      step: (_lock, command) =>
        command.isAgain ? go(choosing(command, command.owner)) : no("being-restored"),
    },
    renew: "being-restored",
    choose: "being-restored",
    hop: "being-restored",
    acknowledge: "being-restored",
    decline: "being-restored",
    enter: "being-restored",
    return: "being-restored",
    abandon: "being-restored",
    leave: "being-restored",
    evict: "being-restored",
    reclaim: "being-restored",
    forfeit: "being-restored",
    expire: "not-due",
  },
  choosing: {
    open: openAgain,
    renew: {
      to: ["choosing"],
      restarts: true,
      step: (lock, { owner }) => (isSameOwner(lock.owner, owner) ? go(lock) : no("not-owner")),
    },
    choose: {
      to: ["handing-over"],
      step: (lock, { owner, loginId1, charId, target }) =>
        isSameOwner(lock.owner, owner) && lock.loginId1 === loginId1
          ? go({ state: "handing-over", ...commonOf(lock), owner, charId, target })
          : no("not-owner"),
    },
    hop: "not-on-a-map",
    acknowledge: "not-handing-over",
    decline: "not-handing-over",
    enter: "not-entering",
    return: "not-on-a-map",
    abandon,
    leave: "not-owner",
    evict: evictAtOnce,
    reclaim: "not-owner",
    forfeit: "not-owner",
    expire: expireAtCharServer,
  },
  returning: {
    open: {
      to: ["choosing"],
      when: unlessDue,
      step: (lock, command) =>
        areSameIds(lock, command) ? go(choosing(command, command.owner)) : no("ids-differ"),
    },
    renew: "not-owner",
    choose: "not-owner",
    hop: "not-on-a-map",
    acknowledge: "not-handing-over",
    decline: "not-handing-over",
    enter: "not-entering",
    return: "not-on-a-map",
    abandon,
    leave: "not-owner",
    evict: evictAtOnce,
    reclaim: "not-owner",
    forfeit: "not-owner",
    expire: expireAtCharServer,
  },
  "handing-over": {
    open: openAgain,
    renew: "not-owner",
    choose: "second-choice",
    hop: "not-on-a-map",
    acknowledge: {
      to: ["entering"],
      step: (lock, command) =>
        isMeant(lock, command.owner, command) ? go(entering(lock, command)) : no("not-owner"),
    },
    decline: {
      to: ["choosing"],
      step: (lock, command) =>
        isMeant(lock, command.target, command) ? go(choosing(lock, lock.owner)) : no("not-owner"),
    },
    enter: "not-entering",
    return: "not-on-a-map",
    abandon,
    leave: "not-owner",
    evict: evictAtOnce,
    reclaim: "not-owner",
    forfeit: "not-owner",
    expire: expireAtCharServer,
  },
  entering: {
    open: "on-a-map",
    renew: "not-owner",
    choose: "second-choice",
    hop: "not-on-a-map",
    acknowledge: "not-handing-over",
    decline: "not-handing-over",
    enter: {
      to: ["playing"],
      when: unlessDue,
      step: (lock, command) => {
        if (!isSameOwner(lock.owner, command.owner)) return no("not-owner");
        if (!isSameInHand(lock, command) || lock.loginId1 !== command.loginId1) return no("ids-differ");
        return go(playing(lock));
      },
    },
    return: "not-on-a-map",
    abandon: "not-owner",
    leave,
    evict: evictFromMap,
    reclaim: reclaim("entering"),
    forfeit,
    expire: expireAtMapServer,
  },
  playing: {
    open: "on-a-map",
    renew: "not-owner",
    choose: "second-choice",
    hop: {
      to: ["hopping"],
      step: (lock, command) =>
        isSameOwner(lock.owner, command.owner) && isSameInHand(lock, command)
          ? go({ ...onMapOf(lock), state: "hopping", target: command.target })
          : no("not-owner"),
    },
    acknowledge: "not-handing-over",
    decline: "not-handing-over",
    enter: "not-entering",
    return: back,
    abandon: "not-owner",
    leave,
    evict: evictFromMap,
    reclaim: reclaim("playing"),
    forfeit,
    expire: "not-due",
  },
  hopping: {
    open: "on-a-map",
    renew: "not-owner",
    choose: "second-choice",
    hop: "hopping",
    acknowledge: {
      to: ["entering"],
      step: (lock, command) => {
        if (!isMeant(lock, command.owner, command)) return no("not-owner");
        // With an unchanged fence, the old and the new map-server could both save.
        return command.charFence > lock.charFence ? go(entering(lock, command)) : no("stale-fence");
      },
    },
    decline: {
      to: ["playing"],
      step: (lock, command) => (isMeant(lock, command.target, command) ? go(playing(lock)) : no("not-owner")),
    },
    enter: "not-entering",
    return: back,
    abandon: "not-owner",
    leave,
    evict: evictFromMap,
    reclaim: reclaim("hopping"),
    forfeit,
    expire: expireHop,
  },
  evicting: {
    open: "being-evicted",
    renew: "not-owner",
    choose: "being-evicted",
    hop: "being-evicted",
    acknowledge: "not-handing-over",
    decline: "not-handing-over",
    enter: "being-evicted",
    return: "being-evicted",
    abandon: "not-owner",
    leave,
    // The kick is sent again, because the first kick may have been lost. The deadline stays the same, so that
    // repeated logins cannot extend it.
    evict: {
      to: ["evicting"],
      step: (lock, command) => {
        const next = told(lock, command.told);
        return go(next, kick(next));
      },
    },
    reclaim: reclaimEvicted,
    forfeit,
    expire: expireAtMapServer,
  },
};
