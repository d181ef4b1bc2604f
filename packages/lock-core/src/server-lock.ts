import { type Decision, decideBy, go, type LockTable, no } from "./machine.ts";
import type { LockTiming } from "./timing.ts";

/*
 * That a server is connected: one lock a char-server in the login tier, one a map-server in its world. It outlives
 * the link by the reconnect timer, and with it live the locks that the server owns.
 */

interface Connected {
  readonly state: "connected";
  readonly incarnation: string;
  /** SHA-256 of the cookie, in hex; the cookie itself is never stored. */
  readonly cookieHash: string;
  readonly deadlineMs: number;
}
interface Away {
  readonly state: "away";
  readonly incarnation: string;
  readonly cookieHash: string;
  readonly deadlineMs: number;
}
export type ServerLock = { readonly state: "absent" } | Connected | Away;

export type ServerCommand =
  /** Username and password were right. */
  | { readonly type: "connect"; readonly incarnation: string; readonly cookieHash: string }
  /** The link lives; said by the server at its other end. */
  | { readonly type: "renew"; readonly incarnation: string }
  | { readonly type: "disconnect"; readonly incarnation: string }
  /** The cookie was shown; it is replaced by a new one. Whether the hashes agree is compared in constant time. */
  | { readonly type: "reconnect"; readonly isCookieRight: boolean; readonly nextCookieHash: string }
  /** The server leaves for good and owns nothing any more. */
  | { readonly type: "release"; readonly incarnation: string }
  | { readonly type: "expire" };

export type ServerEffect =
  /** Free what this life of the server owned. */
  | { readonly type: "forfeit-locks"; readonly incarnation: string }
  /** Start the reclaim timer of what it owns. */
  | { readonly type: "resume-locks"; readonly incarnation: string };

export type ServerRefusal =
  | "server-lock-exists"
  | "no-lock"
  | "not-owner"
  | "cookie-wrong"
  | "too-late"
  | "not-due";

type Table = LockTable<ServerLock, ServerCommand, ServerEffect, ServerRefusal, LockTiming>;
type Step = Decision<ServerLock, ServerEffect, ServerRefusal>;

const absent: ServerLock = { state: "absent" };

const release = {
  to: ["absent"],
  step: (lock: Connected | Away, { incarnation }: { incarnation: string }): Step =>
    lock.incarnation === incarnation ? go(absent, { type: "forfeit-locks", incarnation }) : no("not-owner"),
} as const;

export const serverLockTable: Table = {
  absent: {
    connect: {
      to: ["connected"],
      step: (_lock, { incarnation, cookieHash }, at) =>
        go({ state: "connected", incarnation, cookieHash, deadlineMs: at.nowMs + at.timing.leaseMs }),
    },
    renew: "no-lock",
    disconnect: "no-lock",
    reconnect: "no-lock",
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
        lock.incarnation === incarnation
          ? go({ ...lock, state: "away", deadlineMs: at.nowMs + at.timing.reconnectMs })
          : no("not-owner"),
    },
    reconnect: "server-lock-exists",
    release,
    // Nobody renewed: the server at the other end of the link died, and could not say that the link dropped.
    expire: {
      to: ["away"],
      step: (lock, _command, at) =>
        at.nowMs >= lock.deadlineMs
          ? go({ ...lock, state: "away", deadlineMs: at.nowMs + at.timing.reconnectMs })
          : no("not-due"),
    },
  },
  away: {
    connect: "server-lock-exists",
    // The link never dropped: it was the server at its other end that was held up past the lease.
    renew: {
      to: ["connected"],
      step: (lock, { incarnation }, at) => {
        if (lock.incarnation !== incarnation) return no("not-owner");
        if (at.nowMs >= lock.deadlineMs) return no("too-late");
        return go({ ...lock, state: "connected", deadlineMs: at.nowMs + at.timing.leaseMs });
      },
    },
    disconnect: "not-owner",
    reconnect: {
      to: ["connected"],
      step: (lock, { isCookieRight, nextCookieHash }, at) => {
        if (!isCookieRight) return no("cookie-wrong");
        if (at.nowMs >= lock.deadlineMs) return no("too-late");
        return go(
          {
            state: "connected",
            incarnation: lock.incarnation,
            cookieHash: nextCookieHash,
            deadlineMs: at.nowMs + at.timing.leaseMs,
          },
          { type: "resume-locks", incarnation: lock.incarnation },
        );
      },
    },
    release,
    expire: {
      to: ["absent"],
      step: (lock, _command, at) =>
        at.nowMs >= lock.deadlineMs
          ? go(absent, { type: "forfeit-locks", incarnation: lock.incarnation })
          : no("not-due"),
    },
  },
};

export const serverLockCore = (timing: LockTiming) => ({
  initial: absent,
  decide: (lock: ServerLock, command: ServerCommand, at: { readonly nowMs: number }): Step =>
    decideBy(serverLockTable, lock, command, { nowMs: at.nowMs, timing }),
  deadlineOf: (lock: ServerLock): number | null => ("deadlineMs" in lock ? lock.deadlineMs : null),
  ownerOf: (): string | null => null,
  isInitial: (lock: ServerLock): boolean => lock.state === "absent",
});
