import { type At, type Decision, go, type LockTable, no } from "./machine.ts";
import type { LockTiming } from "./timing.ts";

/*
 * The server lock says that a server is connected: one lock for each char-server in the login tier, and one
 * for each map-server in its world. It outlives the link by the reconnect timer, and so do the locks that the
 * server owns: this one lock records that their owner is away, so they do not have to.
 *
 * A server that comes back starts a new incarnation. It reclaims the locks of its earlier incarnations one by
 * one. Locks that are left when it is done, or when the reclaim timer ends, are freed.
 */

interface Timeless {
  /** The present incarnation, or the last one. */
  readonly incarnation: string;
  /** SHA-256 of the cookie, in hex; the cookie itself is never stored. */
  readonly cookieHash: string;
  /** Earlier incarnations that still own locks to be reclaimed. Absent: there are none. */
  readonly earlier?: readonly string[];
  /**
   * Hash of the cookie that was shown last. The answer that carried the next cookie may have been lost, so
   * the old one stays good until the server has said that it is back.
   */
  readonly shownCookieHash?: string;
}
interface Life extends Timeless {
  readonly deadlineMs: number;
}
interface Connected extends Life {
  readonly state: "connected";
  /** When the locks that earlier incarnations still own are freed. Present whenever `earlier` is. */
  readonly reclaimDeadlineMs?: number;
}
interface Away extends Life {
  readonly state: "away";
}
export type ServerLock = { readonly state: "absent" } | Connected | Away;

export type ServerCommand =
  /** Username and password were right. */
  | { readonly type: "connect"; readonly incarnation: string; readonly cookieHash: string }
  /** The link is alive; sent by the server that answers it. */
  | { readonly type: "renew"; readonly incarnation: string }
  | { readonly type: "disconnect"; readonly incarnation: string }
  /**
   * The server showed the cookie, which is replaced. `isCookieRight` was computed in constant time, from the
   * lock at that moment.
   */
  | {
      readonly type: "reconnect";
      readonly isCookieRight: boolean;
      readonly cookieHash: string;
      readonly incarnation: string;
      readonly nextCookieHash: string;
    }
  /** The server has reclaimed everything that it still knows of. */
  | { readonly type: "reclaimed"; readonly incarnation: string }
  /** The server leaves for good and owns no locks. */
  | { readonly type: "release"; readonly incarnation: string }
  | { readonly type: "expire" };

export type ServerEffect =
  /**
   * Free the locks that these incarnations of the server owned. Do this before the lock is written, because
   * the written lock no longer names them.
   */
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

/** A server that comes back this often without reclaiming everything is refused. */
const earlierMax = 100;

export const absent: ServerLock = { state: "absent" };
const isDue = ({ deadlineMs }: Life, { nowMs }: At<LockTiming>): boolean => nowMs >= deadlineMs;

/** The incarnations that may own locks: all that the server lock names. */
export const livesOf = (lock: ServerLock): readonly string[] =>
  lock.state === "absent" ? [] : [...(lock.earlier ?? []), lock.incarnation];

export const reclaimDeadlineOf = ({ reclaimDeadlineMs = Number.POSITIVE_INFINITY }: Connected): number =>
  reclaimDeadlineMs;

const forfeit = (incarnations: readonly string[]): ServerEffect => ({ type: "forfeit-locks", incarnations });

const timeless = ({ incarnation, cookieHash, earlier, shownCookieHash }: Timeless): Timeless => ({
  incarnation,
  cookieHash,
  ...(earlier === undefined ? {} : { earlier }),
  ...(shownCookieHash === undefined ? {} : { shownCookieHash }),
});

/**
 * Earlier incarnations keep their locks as long as this one may be away: a second lost link must not cost
 * more than the first.
 */
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

/** The cookie may have been used since then. */
const isKnown = (lock: Life, { isCookieRight, cookieHash }: Reconnect): boolean =>
  isCookieRight && (lock.cookieHash === cookieHash || lock.shownCookieHash === cookieHash);

const back = (lock: Connected | Away, shown: Reconnect, at: At<LockTiming>): Step => {
  const earlier = livesOf(lock);
  if (earlier.length > earlierMax) return no("too-often");
  const { incarnation, nextCookieHash: cookieHash, cookieHash: shownCookieHash } = shown;
  return go(connected({ incarnation, cookieHash, earlier, shownCookieHash }, at));
};

/** The incarnations to which no server can come back. */
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
    // A cookie shown while its link is alive may be stolen. When the lease is over, no such link is known.
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
        // The lock was not renewed: the server that answers the link died and could not report that the link
        // dropped.
        if (isDue(lock, at)) return go(away(lock, at));
        return at.nowMs >= reclaimDeadlineOf(lock) ? settled(lock) : no("not-due");
      },
    },
  },
  away: {
    connect: "server-lock-exists",
    // The link never dropped: the server that answers it was delayed past the lease.
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
