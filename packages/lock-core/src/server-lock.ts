import { type At, type Decision, decideBy, go, type LockTable, no } from "./machine.ts";
import { isServerLock } from "./stored-lock.ts";
import type { LockTiming } from "./timing.ts";

/*
 * That a server is connected: one lock a char-server in the login tier, one a map-server in its world. It outlives
 * the link by the reconnect timer, and with it live the locks that the server owns: that their owner is away is
 * written here, once, and not in each of them.
 *
 * A server that comes back is in a new life. What its earlier lives owned it reclaims lock by lock; what is left of
 * them then, or when the reclaim timer is over, is free.
 */

interface Life {
  /** Of the present life, or of the last one. */
  readonly incarnation: string;
  /** SHA-256 of the cookie, in hex; the cookie itself is never stored. */
  readonly cookieHash: string;
  readonly deadlineMs: number;
  /** Lives before this one whose locks are not all reclaimed. Absent: there are none. */
  readonly earlier?: readonly string[];
  /**
   * Of the cookie that was shown last. The answer with the one that follows it may have been lost, so it is good
   * until the server has said that it is back.
   */
  readonly shownCookieHash?: string;
}
interface Connected extends Life {
  readonly state: "connected";
  /** When what is left of earlier lives is free; there whenever they are. */
  readonly reclaimDeadlineMs?: number;
}
interface Away extends Life {
  readonly state: "away";
}
export type ServerLock = { readonly state: "absent" } | Connected | Away;

export type ServerCommand =
  /** Username and password were right. */
  | { readonly type: "connect"; readonly incarnation: string; readonly cookieHash: string }
  /** The link lives; said by the server at its other end. */
  | { readonly type: "renew"; readonly incarnation: string }
  | { readonly type: "disconnect"; readonly incarnation: string }
  /** The cookie was shown, and is replaced. `isCookieRight`: as found out in constant time, of the lock as it was then. */
  | {
      readonly type: "reconnect";
      readonly isCookieRight: boolean;
      readonly cookieHash: string;
      readonly incarnation: string;
      readonly nextCookieHash: string;
    }
  /** It has reclaimed whatever it still knows of. */
  | { readonly type: "reclaimed"; readonly incarnation: string }
  /** The server leaves for good and owns nothing any more. */
  | { readonly type: "release"; readonly incarnation: string }
  | { readonly type: "expire" };

export type ServerEffect =
  /** Free what these lives of the server owned. To be done before the lock is written: it names them for the last time. */
  { readonly type: "forfeit-locks"; readonly incarnations: readonly string[] };

export type ServerRefusal =
  | "server-lock-exists"
  | "no-lock"
  | "not-owner"
  | "cookie-wrong"
  | "too-late"
  | "too-often"
  | "not-due";

type Table = LockTable<ServerLock, ServerCommand, ServerEffect, ServerRefusal, LockTiming>;
type Step = Decision<ServerLock, ServerEffect, ServerRefusal>;
type Reconnect = Extract<ServerCommand, { type: "reconnect" }>;

/** A server that comes and goes without ever having reclaimed is given up at some time. */
const earlierMax = 100;

const absent: ServerLock = { state: "absent" };
const isDue = ({ deadlineMs }: Life, { nowMs }: At<LockTiming>): boolean => nowMs >= deadlineMs;
const livesOf = ({ incarnation, earlier = [] }: Life): readonly string[] => [...earlier, incarnation];

const reclaimDeadlineOf = ({ reclaimDeadlineMs = Number.POSITIVE_INFINITY }: Connected): number =>
  reclaimDeadlineMs;

const forfeit = (incarnations: readonly string[]): ServerEffect => ({ type: "forfeit-locks", incarnations });

type Timeless = Omit<Life, "deadlineMs">;
const timeless = ({ incarnation, cookieHash, earlier, shownCookieHash }: Timeless): Timeless => ({
  incarnation,
  cookieHash,
  ...(earlier === undefined ? {} : { earlier }),
  ...(shownCookieHash === undefined ? {} : { shownCookieHash }),
});

/** Earlier lives wait as long as this one may be away: a second drop must not cost what the first did not. */
const away = (lock: Connected, { nowMs, timing }: At<LockTiming>): Away => ({
  state: "away",
  ...timeless(lock),
  deadlineMs: nowMs + timing.reconnectMs,
});

const connected = (life: Timeless, { nowMs, timing }: At<LockTiming>): Connected => ({
  state: "connected",
  ...timeless(life),
  deadlineMs: nowMs + timing.leaseMs,
  ...(life.earlier === undefined ? {} : { reclaimDeadlineMs: nowMs + timing.reclaimMs }),
});

/** It may have been used meanwhile. */
const isKnown = (lock: Life, { isCookieRight, cookieHash }: Reconnect): boolean =>
  isCookieRight && (lock.cookieHash === cookieHash || lock.shownCookieHash === cookieHash);

const back = (lock: Connected | Away, shown: Reconnect, at: At<LockTiming>): Step => {
  const earlier = livesOf(lock);
  if (earlier.length > earlierMax) return no("too-often");
  const { incarnation, nextCookieHash: cookieHash, cookieHash: shownCookieHash } = shown;
  return go(connected({ incarnation, cookieHash, earlier, shownCookieHash }, at));
};

/** Nobody comes back to these lives any more. */
const settled = ({ state, incarnation, cookieHash, deadlineMs, earlier = [] }: Connected): Step =>
  go({ state, incarnation, cookieHash, deadlineMs }, forfeit(earlier));

const release = {
  to: ["absent"],
  step: (lock: Connected | Away, { incarnation }: { incarnation: string }): Step =>
    lock.incarnation === incarnation ? go(absent, forfeit(livesOf(lock))) : no("not-owner"),
} as const;

export const serverLockTable: Table = {
  absent: {
    connect: {
      to: ["connected"],
      step: (_lock, { incarnation, cookieHash }, at) => go(connected({ incarnation, cookieHash }, at)),
    },
    renew: "no-lock",
    disconnect: "no-lock",
    reconnect: "no-lock",
    reclaimed: "no-lock",
    release: "no-lock",
    expire: "not-due",
  },
  connected: {
    connect: "server-lock-exists",
    renew: {
      to: ["connected"],
      step: (lock, { incarnation }, at) =>
        lock.incarnation === incarnation
          ? go({ ...lock, deadlineMs: at.nowMs + at.timing.leaseMs })
          : no("not-owner"),
    },
    disconnect: {
      to: ["away"],
      step: (lock, { incarnation }, at) =>
        lock.incarnation === incarnation ? go(away(lock, at)) : no("not-owner"),
    },
    // Whoever shows the cookie of a link that lives may have stolen it. Once the lease is over, nobody knows of one.
    reconnect: {
      to: ["connected"],
      step: (lock, shown, at) => {
        if (!isKnown(lock, shown)) return no("cookie-wrong");
        return isDue(lock, at) ? back(lock, shown, at) : no("server-lock-exists");
      },
    },
    reclaimed: {
      to: ["connected"],
      step: (lock, { incarnation }) => {
        if (lock.incarnation !== incarnation) return no("not-owner");
        return lock.earlier === undefined ? go(lock) : settled(lock);
      },
    },
    release,
    expire: {
      to: ["away", "connected"],
      step: (lock, _command, at) => {
        // Nobody renewed: the server at the other end of the link died, and could not say that the link dropped.
        if (isDue(lock, at)) return go(away(lock, at));
        return at.nowMs >= reclaimDeadlineOf(lock) ? settled(lock) : no("not-due");
      },
    },
  },
  away: {
    connect: "server-lock-exists",
    // The link never dropped: it was the server at its other end that was held up past the lease.
    renew: {
      to: ["connected"],
      step: (lock, { incarnation }, at) => {
        if (lock.incarnation !== incarnation) return no("not-owner");
        return isDue(lock, at) ? no("too-late") : go(connected(lock, at));
      },
    },
    disconnect: "not-owner",
    reconnect: {
      to: ["connected"],
      step: (lock, shown, at) => {
        if (!isKnown(lock, shown)) return no("cookie-wrong");
        return isDue(lock, at) ? no("too-late") : back(lock, shown, at);
      },
    },
    reclaimed: "not-owner",
    release,
    expire: {
      to: ["absent"],
      step: (lock, _command, at) => (isDue(lock, at) ? go(absent, forfeit(livesOf(lock))) : no("not-due")),
    },
  },
};

export const serverLockCore = (timing: LockTiming) => ({
  initial: absent,
  decide: (lock: ServerLock, command: ServerCommand, at: { readonly nowMs: number }): Step =>
    decideBy(serverLockTable, lock, command, { nowMs: at.nowMs, timing }),
  /** The earlier of the two that a connected server may have. */
  deadlineOf: (lock: ServerLock): number | null => {
    if (lock.state === "absent") return null;
    return lock.state === "away" ? lock.deadlineMs : Math.min(lock.deadlineMs, reclaimDeadlineOf(lock));
  },
  ownerOf: (): string | null => null,
  isInitial: (lock: ServerLock): boolean => lock.state === "absent",
  isLock: isServerLock,
});
