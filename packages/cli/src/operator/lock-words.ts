import type { AccountLock, CharacterLock } from "@sallyport/lock-core";
import type { LockRow, LoginVerdict, OwnerState } from "./answers.ts";
import { unreadable } from "./lock-rows.ts";
import { duration, filled } from "./plain-words.ts";

/*
 * What each state of a lock means, in words, and what it means to somebody who wants to log in. A state that is new to
 * the locks does not compile until it has its words here.
 */

export interface StateWords {
  readonly is: string;
  /** What a new login meets. */
  readonly login: string;
  readonly verdict: LoginVerdict;
  /** Of which timer a login may have to wait for the end. */
  readonly waits?: "lock";
}

export const accountWords: { readonly [S in AccountLock["state"]]: StateWords } = {
  free: {
    is: "No server has the account.",
    login: "A login is let in.",
    verdict: "can-log-in",
  },
  granted: {
    is: "A client has just logged in and is on its way to a char-server, for {left} more.",
    login: "A new login is let in, and takes the place of that one.",
    verdict: "can-log-in",
  },
  held: {
    is: "Char-server {owner} has the account.",
    login:
      "A new login makes the login-server ask {owner} to save and let go, which takes {evict} at the most. Native clients wait for that; others are told already-online, and get in when they try again.",
    verdict: "in-use",
  },
  evicting: {
    is: "Char-server {owner} has the account and was asked to let go of it: somebody else wants to log in. It has {left} more.",
    login: "Then the account is free, whether {owner} has answered or not.",
    verdict: "waits",
    waits: "lock",
  },
};

export const characterWords: { readonly [S in CharacterLock["state"]]: StateWords } = {
  free: {
    is: "In {world} none of its characters is anybody's.",
    login: "It comes to character select at once.",
    verdict: "can-log-in",
  },
  choosing: {
    is: "In {world} it is at character select of {owner}; without its client that ends in {left}.",
    login: "A new login has it put out from there at once.",
    verdict: "in-use",
  },
  returning: {
    is: "In {world} it left the map and is on its way back to character select of {owner}, for {left} more.",
    login: "A new login has it put out from there at once.",
    verdict: "in-use",
  },
  "handing-over": {
    is: "In {world}, {owner} is handing {character} over to map-server {target}, for {left} more.",
    login: "A new login has that called off at once.",
    verdict: "in-use",
  },
  entering: {
    is: "In {world}, map-server {owner} has {character} and expects its client, for {left} more.",
    login: "A new login makes {owner} save it and let go, which takes {evict} at the most.",
    verdict: "in-use",
  },
  playing: {
    is: "In {world}, {character} plays on map-server {owner}.",
    login: "A new login makes {owner} save it and let go, which takes {evict} at the most.",
    verdict: "in-use",
  },
  hopping: {
    is: "In {world}, {character} is going on from map-server {owner} to {target}, for {left} more.",
    login: "A new login makes {owner} save it and let go, which takes {evict} at the most.",
    verdict: "in-use",
  },
  evicting: {
    is: "In {world}, map-server {owner} was asked to save {character} and let go of it. It has {left} more.",
    login: "Then it is free, whether {owner} has answered or not; what it saves later is refused.",
    verdict: "waits",
    waits: "lock",
  },
};

/** Of a lock that cannot be read. */
const unreadableWords = {
  login: "Until it is mended, a login is told unavailable.",
  verdict: "lock-unreadable",
} as const;
const unreadableIs = {
  account: "What the store has as its account lock cannot be read.",
  character: "What the store has as its character lock in {world} cannot be read.",
};

/** As operators find it in Redis. */
const keyOf = ({ kind, accountId, server }: LockRow): string => `${kind}:${accountId ?? server}`;

/** What to do about a lock that cannot be read; null: it can be. */
export const mending = (lock: LockRow): string | null =>
  lock.state === unreadable
    ? `Look at the key in Redis that ends in :lock:${keyOf(lock)}. A newer version of Sallyport may have written it: then ask a server of that version. If another program did, delete the key.`
    : null;

interface OwnerWords {
  readonly is: string;
  readonly todo: string;
}

/** Of an owner that is there, there is nothing to say. */
const ownerWords: { readonly [S in Exclude<OwnerState, "connected">]: OwnerWords } = {
  away: {
    is: "{owner} is away: its link dropped. It has {ownerLeft} to come back; if it does not, what it has is free then.",
    todo: "Start {owner} again, or mend its way to the others; or wait {ownerLeft}.",
  },
  over: {
    is: "{owner} is not linked any more, and was given up: what it had is freed within a second or two.",
    todo: "If it stays so, no login- or char-server of that tier sweeps: see that one is up, and whether its log says `not expired yet`.",
  },
  unreadable: {
    is: "Whether {owner} is there cannot be told: what the store has as its server lock cannot be read.",
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

/** `character`: what the one on the map is called. `evictMs`: how long an owner has that is asked to let go. */
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
