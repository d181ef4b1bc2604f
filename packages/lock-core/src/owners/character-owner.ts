/*
 * A character at its map-server, from the hand-over by the char-server until the map-server no longer owns
 * the character lock. The table of the lock says what the store knows. This table says what the map-server
 * knows, which may be older, and what it does next.
 *
 * A character enters once and leaves once, so the answers to these two requests need no name. Saves and hops
 * are numbered in one series, and each answer names its number. So an answer that comes late meets a cell that
 * ignores it.
 */

interface Place {
  readonly map: string;
  readonly x: number;
  readonly y: number;
}

/** The client must leave for one of these reasons, and is told which one. */
type Reason =
  | "logged-in-elsewhere"
  | "second-choice"
  | "lock-lost"
  | "server-stopping"
  | "cluster-link-lost"
  | "timed-out"
  | "save-failed"
  | "banned"
  | "kicked"
  | "credential-changed";

export interface Departure {
  readonly to: "char-select" | "offline";
  /** Null: the client asked to leave or has disconnected, so it is told nothing. */
  readonly reason: Reason | null;
}
interface Kicked {
  /** The first kick had this reason. Null: the client was not kicked. */
  readonly kickReason: Reason | null;
}
interface Due {
  /** The next periodic save is due at this time. */
  readonly saveDueMs: number;
}
export interface Saves extends Due {
  /** The newest save or hop has this number. 0: there was none. */
  readonly newest: number;
  /** The save in progress has this number. Null: no save is in progress. */
  readonly saving: number | null;
  /**
   * False: a save or a hop is in progress or was not answered. The map-server does not know whether it is
   * stored.
   */
  readonly isStoredKnown: boolean;
  /**
   * The first save that failed since the last successful save failed at this time. Null: the last save
   * succeeded.
   */
  readonly unsavedSinceMs: number | null;
}

/** The client has not connected yet. */
export interface Expected extends Due {
  readonly state: "expected";
}
/** The client has connected. The map-server has asked the char-server for the lock. */
export interface Entering extends Due, Kicked {
  readonly state: "entering";
}
export interface Playing extends Saves {
  readonly state: "playing";
}
/**
 * The map-server has asked the char-server for the hop. Until the answer, the character stays on its cell.
 */
export interface Hopping extends Saves, Kicked {
  readonly state: "hopping";
  readonly to: Place;
  /** If the hop fails, the character leaves in this way. Null: it plays on. */
  readonly departure: Departure | null;
}
/** The last save of the character is in progress. */
export interface Leaving extends Departure, Kicked {
  readonly state: "leaving";
  readonly saving: number | null;
}
/** This server no longer owns the lock, and must not save. */
interface Gone {
  readonly state: "gone";
}
export type CharacterOwner = Expected | Entering | Playing | Hopping | Leaving | Gone;

interface Numbered {
  readonly save: number;
}
export type CharacterOwnerEvent =
  /** A client showed the ids that the char-server announced. The shell asks for the lock. */
  | { readonly type: "enter" }
  | { readonly type: "granted"; readonly isConnected: boolean }
  /** The char-server refused the lock or did not answer. The client gets this as its answer. */
  | { readonly type: "not-granted" }
  /** The client did not connect in time. */
  | { readonly type: "wait-over" }
  /** A periodic save may be due. `isChanged`: the present state differs from the last stored state. */
  | { readonly type: "autosave"; readonly isChanged: boolean }
  /** The client asked for a save of a state that may not be stored. */
  | { readonly type: "save" }
  | ({ readonly type: "saved" } & Numbered)
  | ({ readonly type: "not-saved"; readonly why: string } & Numbered)
  | { readonly type: "hop"; readonly to: Place }
  /** Another map-server has taken the character. */
  | ({ readonly type: "hopped" } & Numbered)
  | ({ readonly type: "not-hopped"; readonly why: string } & Numbered)
  | { readonly type: "kick"; readonly reason: Reason }
  | ({ readonly type: "leave" } & Departure)
  /** `isReleased` is false if the character is saved, but the lock is released later. */
  | { readonly type: "left"; readonly isReleased: boolean }
  | { readonly type: "not-left"; readonly why: string }
  /** This server no longer owns the lock. */
  | { readonly type: "drop"; readonly reason: Reason };

export type CharacterOwnerEffect =
  | ({ readonly type: "ask-save" } & Numbered)
  | ({ readonly type: "ask-hop"; readonly to: Place } & Numbered)
  | {
      readonly type: "ask-leave";
      readonly to: Departure["to"];
      /** Null: nothing can have changed, so nothing is saved. */
      readonly save: number | null;
      /** The state is saved only if it is not the last stored one. */
      readonly onlyIfChanged: boolean;
    }
  /** The character vanishes from its map. It keeps the cell that it reached. */
  | { readonly type: "take-from-map" }
  /** The character sends nothing more to its client. */
  | { readonly type: "let-go-of-client" }
  /** Tells the client why it must leave, and disconnects it. */
  | { readonly type: "tell"; readonly reason: Reason }
  | ({ readonly type: "say"; readonly line: CharacterLine } & SaidWith);

export type CharacterLine =
  | "left"
  | "not-released"
  | "last-save-failed"
  | "save-failed"
  | "hopped"
  | "not-hopped"
  | "dropped";
interface SaidWith {
  readonly to?: Departure["to"];
  readonly reason?: Reason | null;
  readonly map?: string;
  readonly why?: string;
}

export type CharacterOwnerRefusal =
  /** `late`: nobody waits for this answer any more. */
  "late" | "not-expected" | "client-came" | "not-playing" | "saving" | "not-due" | "leaving" | "gone";

/** A step knows its event and these facts. */
export interface AtMapServer {
  readonly nowMs: number;
  readonly autosaveMs: number;
  /** If the saves of a character fail for this time, the character must leave. */
  readonly unsavedMs: number;
}
