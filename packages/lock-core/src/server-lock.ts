import { type Decision, go, no, type StateTable } from "./machine.ts";
import type { LockTiming } from "./timing.ts";

/*
 * A server lock says that a server is connected. The login tier has one for each char-server, and each world
 * has one for each map-server. After a server's link is lost, its server lock stays for the reconnect time,
 * and so do the locks that the server owns. Only the server lock records that the owner is away; the owner's
 * other locks do not change.
 *
 * A server that comes back starts a new incarnation and reclaims the locks of its earlier incarnations one by
 * one. When the server is done, or when the reclaim time ends, its unreclaimed locks are freed.
 *
 * Unlike the other locks, a server lock holds its times itself, because a connected server may have two
 * deadlines. Server locks change rarely, so they are always read first, and the read gives the time.
 */

export interface At {
  /** `nowMs` is the time on the store's clock. */
  readonly nowMs: number;
  readonly timing: LockTiming;
}

interface Timeless {
  /** The current incarnation, or the last one if the server is away. */
  readonly incarnation: string;
  /** SHA-256 of the cookie, in hex. The cookie itself is never stored. */
  readonly cookieHash: string;
  /** These earlier incarnations may still own locks. Absent: there are none. */
  readonly earlier?: readonly string[];
  /**
   * Hash of the cookie that the server showed last. The answer with the next cookie may be lost, so the shown
   * cookie stays valid until the server reports `reclaimed`.
   */
  readonly shownCookieHash?: string;
}
interface Timed extends Timeless {
  readonly deadlineMs: number;
}
interface Connected extends Timed {
  readonly state: "connected";
  /** The time at which the locks of earlier incarnations are freed. Present whenever `earlier` is. */
  readonly reclaimDeadlineMs?: number;
}
interface Away extends Timed {
  readonly state: "away";
}
export type ServerLock = { readonly state: "absent" } | Connected | Away;

export type ServerCommand =
  /** The server showed the right username and password. */
  | { readonly type: "connect"; readonly incarnation: string; readonly cookieHash: string }
  /** The server that answers the link reports that the link is alive. */
  | { readonly type: "renew"; readonly incarnation: string }
  | { readonly type: "disconnect"; readonly incarnation: string }
  /**
   * The server showed its cookie and gets a new one. The caller has already read the lock and compared the
   * cookie in constant time.
   */
  | {
      readonly type: "reconnect";
      readonly isCookieRight: boolean;
      readonly cookieHash: string;
      readonly incarnation: string;
      readonly nextCookieHash: string;
    }
  /** The server has reclaimed all locks that it knows of. */
  | { readonly type: "reclaimed"; readonly incarnation: string }
  /** The server stops for good and owns no more locks. */
  | { readonly type: "release"; readonly incarnation: string }
  | { readonly type: "expire" };

export type ServerEffect =
  /**
   * The caller must free the locks of these incarnations before it writes the server lock, because the new
   * server lock no longer names the incarnations.
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

type Table = StateTable<ServerLock, ServerCommand, ServerEffect, ServerRefusal, At>;
type Step = Decision<ServerLock, ServerEffect, ServerRefusal>;
type Reconnect = Extract<ServerCommand, { type: "reconnect" }>;

/** A server can have at most this many incarnations with unreclaimed locks. A server with more is refused. */
const earlierMax = 100;

export const absent: ServerLock = { state: "absent" };
const isDue = ({ deadlineMs }: Timed, { nowMs }: Pick<At, "nowMs">): boolean => nowMs >= deadlineMs;

/** Returns all incarnations of the server that may own locks. */
export const incarnationsOf = (lock: ServerLock): readonly string[] =>
  lock.state === "absent" ? [] : [...(lock.earlier ?? []), lock.incarnation];

/**
 * `current`: the locks that the incarnation has now are freed at its end. `ending`: another process may be
 * freeing its locks already, and may miss a lock that the incarnation has only just got. `ended`: its locks
 * were freed, so a lock that it has now was given to it too late.
 */
export function standingOf(
  lock: ServerLock,
  incarnation: string,
  nowMs: number,
): "current" | "ending" | "ended" {
  if (lock.state === "absent" || !incarnationsOf(lock).includes(incarnation)) return "ended";
  const isOver = lock.state === "away" && isDue(lock, { nowMs });
  return lock.incarnation === incarnation && !isOver ? "current" : "ending";
}

const reclaimDeadlineOf = ({ reclaimDeadlineMs = Number.POSITIVE_INFINITY }: Connected): number =>
  reclaimDeadlineMs;

/** A connected server may have two deadlines. This function returns the earlier one. Null: none. */
export function serverDeadlineOf(lock: ServerLock): number | null {
  if (lock.state === "absent") return null;
  return lock.state === "away" ? lock.deadlineMs : Math.min(lock.deadlineMs, reclaimDeadlineOf(lock));
}

const forfeit = (incarnations: readonly string[]): ServerEffect => ({ type: "forfeit-locks", incarnations });

const timeless = ({ incarnation, cookieHash, earlier, shownCookieHash }: Timeless): Timeless => ({
  incarnation,
  cookieHash,
  ...(earlier === undefined ? {} : { earlier }),
  ...(shownCookieHash === undefined ? {} : { shownCookieHash }),
});

/** While the server is away, no reclaim deadline runs. So a second lost link costs the server no locks. */
const away = (lock: Connected, { nowMs, timing }: At): Away => ({
  state: "away",
  ...timeless(lock),
  deadlineMs: nowMs + timing.reconnectMs,
});

const connected = (fields: Timeless, { nowMs, timing }: At): Connected => ({
  state: "connected",
  ...timeless(fields),
  deadlineMs: nowMs + timing.leaseMs,
  ...(fields.earlier === undefined ? {} : { reclaimDeadlineMs: nowMs + timing.reclaimMs }),
});

/** Compares the cookie again, because it may have been replaced after `isCookieRight` was computed. */
const isKnown = (lock: Timed, { isCookieRight, cookieHash }: Reconnect): boolean =>
  isCookieRight && (lock.cookieHash === cookieHash || lock.shownCookieHash === cookieHash);

const back = (lock: Connected | Away, shown: Reconnect, at: At): Step => {
  const earlier = incarnationsOf(lock);
  if (earlier.length > earlierMax) return no("too-often");
  const { incarnation, nextCookieHash: cookieHash, cookieHash: shownCookieHash } = shown;
  return go(connected({ incarnation, cookieHash, earlier, shownCookieHash }, at));
};

/** Frees the locks of earlier incarnations, because the server no longer reclaims them. */
const settled = ({ state, incarnation, cookieHash, deadlineMs, earlier = [] }: Connected): Step =>
  go({ state, incarnation, cookieHash, deadlineMs }, forfeit(earlier));

const release = {
  to: ["absent"],
  step: (lock: Connected | Away, { incarnation }: { incarnation: string }): Step =>
    lock.incarnation === incarnation ? go(absent, forfeit(incarnationsOf(lock))) : no("not-owner"),
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
    // If the server's link is still alive, somebody else may have stolen the cookie. So the command is
    // refused while the lease lasts.
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
        // Nobody renewed the lock, so the server that answers the link died without reporting the loss of the
        // link.
        if (isDue(lock, at)) return go(away(lock, at));
        return at.nowMs >= reclaimDeadlineOf(lock) ? settled(lock) : no("not-due");
      },
    },
  },
  away: {
    connect: "server-lock-exists",
    // The link was never lost: the server that answers it was delayed for longer than the lease.
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
      step: (lock, _command, at) =>
        isDue(lock, at) ? go(absent, forfeit(incarnationsOf(lock))) : no("not-due"),
    },
  },
};
