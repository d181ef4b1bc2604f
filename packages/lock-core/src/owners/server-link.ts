import type { LinkHold } from "./link-hold.ts";

/*
 * This is the connecting side of a link between servers. After the link is lost, this server still owns its
 * locks: it tries again and shows its cookie. It loses its locks in two cases. 1: the server at the other end
 * no longer knows the cookie. 2: by this server's own clock, the other end may soon give the locks away.
 * Connections are numbered. Every answer names the attempt to which it belongs, so a late answer meets a cell
 * that ignores it. The time is the monotonic clock of this process.
 */

/** Null: this server connects as a new server. */
export type Cookie = Uint8Array | null;

export interface Attempt {
  readonly attempt: number;
}
export interface Seeking extends Attempt {
  readonly cookie: Cookie;
  /** `asking`: the connection is made, and this server waits for its admission. */
  readonly step: "idle" | "pausing" | "dialing" | "asking";
  /** `failures` counts the failed attempts in a row. `complaint` is the reason of the last failure. */
  readonly failures: number;
  readonly complaint: string | null;
}
/** This server has no link and owns no locks. */
export interface Connecting extends Seeking {
  readonly state: "connecting";
}
/** The link was lost, and this server still owns its locks. */
export interface Away extends Seeking {
  readonly state: "away";
  readonly hold: LinkHold;
}
export interface Held extends Attempt {
  readonly cookie: Cookie;
  readonly hold: LinkHold;
}
/**
 * In `admitted`, the new cookie is being stored, and nothing may be sent. In `setting-up`, this server
 * announces itself and reclaims its locks.
 */
export interface Preparing extends Held {
  readonly state: "admitted" | "setting-up";
  /** This server came back, and must reclaim every lock that it wants to keep. */
  readonly isBack: boolean;
}
export interface Up extends Held {
  readonly state: "up";
}
/** This server gave up its locks, and its link is being closed. */
export interface SteppingDown extends Attempt {
  readonly state: "stepping-down";
  readonly cookie: Cookie;
}
/** This server stops, and waits for its admission or for the answer to `link.leave`. */
interface Leaving extends Attempt {
  readonly state: "leaving";
  readonly how: StopHow;
}
export type ServerLinkState =
  | Connecting
  | Away
  | (Preparing & { readonly state: "admitted" })
  | (Preparing & { readonly state: "setting-up" })
  | Up
  | SteppingDown
  | Leaving
  | { readonly state: "stopped" };

/**
 * `release`: this server owns no more locks and gives up its server lock. `keep`: its next process can show
 * the same cookie and take over the locks.
 */
export type StopHow = "release" | "keep";

export type LinkEvent =
  | { readonly type: "begin"; readonly cookie: Cookie }
  /** The pause after an attempt is over. */
  | ({ readonly type: "try-again" } & Attempt)
  | ({ readonly type: "failed"; readonly why: string } & Attempt)
  | ({ readonly type: "connected" } & Attempt)
  | ({ readonly type: "refused"; readonly refusal: string; readonly why: string } & Attempt)
  /** This server asked for admission at `askedMs`. */
  | ({
      readonly type: "admitted";
      readonly cookie: Uint8Array;
      readonly askedMs: number;
      readonly reconnectMs: number;
    } & Attempt)
  | ({ readonly type: "stored" } & Attempt)
  | ({ readonly type: "ready" } & Attempt)
  /** The other end of the link answered the request that this server sent at `askedMs`. */
  | ({ readonly type: "alive"; readonly askedMs: number } & Attempt)
  | ({ readonly type: "closed"; readonly why: string } & Attempt)
  | { readonly type: "expire" }
  | { readonly type: "stop"; readonly how: StopHow }
  | ({ readonly type: "left"; readonly isDone: boolean } & Attempt);

export type LinkEffect =
  | ({ readonly type: "connect" } & Attempt)
  | ({ readonly type: "introduce"; readonly cookie: Cookie } & Attempt)
  | ({ readonly type: "store-cookie"; readonly cookie: Cookie } & Attempt)
  | ({ readonly type: "set-up"; readonly isBack: boolean } & Attempt)
  | ({ readonly type: "keep-alive"; readonly everyMs: number } & Attempt)
  | { readonly type: "tell-reclaimed" }
  | ({ readonly type: "leave" } & Attempt)
  | { readonly type: "close"; readonly why: string }
  /** The shell varies the pause around `meanMs`, so that several servers do not try at the same moment. */
  | ({ readonly type: "try-again"; readonly meanMs: number } & Attempt)
  /** Another server may own the locks that this server owned. */
  | { readonly type: "lost" }
  | { readonly type: "say"; readonly line: LinkLine; readonly why?: string };

export type LinkLine =
  | "linked"
  | "linked-again"
  | "link-lost"
  | "cannot-link"
  | "cookie-unknown"
  | "without-link"
  | "not-reclaimed";

/** `late`: nobody waits for this answer any more. */
export type LinkRefusal = "late" | "begun" | "not-due" | "stopping";
