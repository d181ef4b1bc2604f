import { type AccountLock, type CharacterLock, lockKeyPrefix } from "@sallyport/lock-core";
import type { LockRow, LoginVerdict, OwnerState } from "./answers.ts";
import { unreadable } from "./lock-rows.ts";
import { duration, filled } from "./plain-words.ts";

/*
 * Describes each state of a lock in words, and its effect on a new login. The compiler rejects a state that
 * has no words here.
 */

export interface StateWords {
  readonly is: string;
  /** The effect on a new login. */
  readonly login: string;
  readonly verdict: LoginVerdict;
  /** Present if a new login has to wait until the timer of the lock ends. */
  readonly waits?: "lock";
}

export const accountWords: { readonly [S in AccountLock["state"]]: StateWords } = {
  free: {
    is: "No server owns the account.",
    login: "A login succeeds.",
    verdict: "can-log-in",
  },
  granted: {
    is: "A client has just logged in and is on its way to a char-server. It has {left} left.",
    login: "A new login succeeds and replaces that one.",
    verdict: "can-log-in",
  },
  held: {
    is: "Char-server {owner} owns the account.",
    login:
      "At a new login the login-server asks {owner} to save and release the account, which takes {evict} at most. Native clients wait for that. Others are refused as already-online and can log in when they try again.",
    verdict: "in-use",
  },
  evicting: {
    is: "Char-server {owner} owns the account and was asked to release it, because another client wants to log in. It has {left} left.",
    login: "After that the account is free, even if {owner} has not answered.",
    verdict: "waits",
    waits: "lock",
  },
};

export const characterWords: { readonly [S in CharacterLock["state"]]: StateWords } = {
  free: {
    is: "In {world} no server owns any of its characters.",
    login: "A login reaches character select at once.",
    verdict: "can-log-in",
  },
  choosing: {
    is: "In {world} it is at character select of {owner}. If its client is gone, that ends in {left}.",
    login: "A new login disconnects its client there at once.",
    verdict: "in-use",
  },
  returning: {
    is: "In {world} it left the map and is on its way back to character select of {owner}. It has {left} left.",
    login: "A new login disconnects its client there at once.",
    verdict: "in-use",
  },
  "handing-over": {
    is: "In {world}, {owner} is handing {character} over to map-server {target}, which has {left} left to accept.",
    login: "A new login cancels the hand-over at once.",
    verdict: "in-use",
  },
  entering: {
    is: "In {world}, map-server {owner} owns {character} and waits {left} more for its client.",
    login: "At a new login {owner} has to save and release it, which takes {evict} at most.",
    verdict: "in-use",
  },
  playing: {
    is: "In {world}, {character} plays on map-server {owner}.",
    login: "At a new login {owner} has to save and release it, which takes {evict} at most.",
    verdict: "in-use",
  },
  hopping: {
    is: "In {world}, {character} is hopping from map-server {owner} to {target}. It has {left} left.",
    login: "At a new login {owner} has to save and release it, which takes {evict} at most.",
    verdict: "in-use",
  },
  evicting: {
    is: "In {world}, map-server {owner} was asked to save and release {character}. It has {left} left.",
    login: "After that it is free, even if {owner} has not answered. A later save of {owner} is refused.",
    verdict: "waits",
    waits: "lock",
  },
};

const unreadableWords = {
  login: "Until it is repaired, logins are refused as unavailable.",
  verdict: "lock-unreadable",
} as const;
const unreadableIs = {
  account: "Its account lock in the store cannot be read.",
  character: "Its character lock in {world} cannot be read.",
};

/** The last part of the lock's key in Redis. */
const keyOf = ({ kind, accountId, server }: LockRow): string =>
  `${lockKeyPrefix(kind)}${accountId ?? server}`;

/** The remedy for a lock that cannot be read, or null if the lock can be read. */
export const mending = (lock: LockRow): string | null =>
  lock.state === unreadable
    ? `Look at the key in Redis that ends in :lock:${keyOf(lock)}. A newer version of Sallyport may have written it: then ask a server of that version. If another program did, delete the key.`
    : null;

interface OwnerWords {
  readonly is: string;
  readonly todo: string;
}

/** A connected owner needs no explanation. */
const ownerWords: { readonly [S in Exclude<OwnerState, "connected">]: OwnerWords } = {
  away: {
    is: "{owner} is away: its link dropped. It has {ownerLeft} left to come back. After that its locks are free.",
    todo: "Start {owner} again or repair its network connection, or wait {ownerLeft}.",
  },
  over: {
    is: "{owner} is not linked any more and was given up. Its locks are freed within two seconds.",
    todo: "If that does not happen, no server of that tier sweeps expired locks: check that one is up, and whether its log says `an expired lock could not be freed; trying again`.",
  },
  unreadable: {
    is: "It is not known whether {owner} is up: its server lock cannot be read.",
    todo: "Look at the key in Redis that ends in :lock:server:{owner}.",
  },
};

const wordsOf = ({ kind, state }: LockRow): StateWords => {
  if (state === unreadable)
    return { ...unreadableWords, is: unreadableIs[kind === "account" ? kind : "character"] };
  const table: { readonly [state: string]: StateWords } = kind === "account" ? accountWords : characterWords;
  const words = table[state];
  if (words === undefined) throw new Error(`no words for a lock that is ${state}`);
  return words;
};

export interface LockInWords extends Pick<StateWords, "verdict"> {
  readonly is: string;
  readonly login: string;
  readonly todo: string | null;
  readonly waitMs: number | null;
}

/**
 * `character` is the name of the character on the map. After a request, an owner must release a lock within
 * `evictMs`.
 */
export function inWords(lock: LockRow, character: string | null, evictMs: number): LockInWords {
  const words = wordsOf(lock);
  const values = {
    owner: lock.owner,
    target: lock.target,
    world: lock.world,
    character,
    evict: duration(evictMs),
    left: lock.leftMs === null ? null : duration(lock.leftMs),
    ownerLeft: lock.ownerLeftMs === null ? null : duration(lock.ownerLeftMs),
  };
  const { ownerState } = lock;
  const owner = ownerState === null || ownerState === "connected" ? null : ownerWords[ownerState];
  const is = owner === null ? words.is : `${words.is} ${owner.is}`;
  return {
    is: filled(is, values),
    login: filled(words.login, values),
    verdict: words.verdict,
    todo: owner === null ? mending(lock) : filled(owner.todo, values),
    waitMs: words.waits === "lock" ? lock.leftMs : null,
  };
}
