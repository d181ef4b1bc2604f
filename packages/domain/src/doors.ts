import type { CharacterSummary, Looks, Position } from "./character.ts";
import type { AccountId, CharId, LoginId, LoginTicket, Sex } from "./ids.ts";

/** A door for clients of another dialect than the native one. */
export interface OtherDoor {
  /** By which clients of that dialect know the one for them. */
  readonly dialect: string;
  readonly host: string;
  readonly port: number;
}

/** Where clients go next. */
export interface DoorAddress {
  readonly host: string;
  readonly port: number;
  /** For clients over WebSocket; null: this door is not open to them. */
  readonly wsUrl: string | null;
  readonly otherDoors: readonly OtherDoor[];
}

/** For clients of one network, where that is another way than for all. */
export interface NearDoor extends DoorAddress {
  /** Like `192.168.0.0/16`. */
  readonly network: string;
}

/** Where clients go next, as a server announces it. */
export interface PublicAddress extends DoorAddress {
  readonly near: readonly NearDoor[];
}

/** One entry of the list from which a client picks its world. */
export interface World extends DoorAddress {
  readonly name: string;
  readonly players: number;
}

export interface LoggedIn extends LoginTicket {
  /** Milliseconds since 1970 of the login before this one; null at the first. */
  readonly lastLoginMs: number | null;
  readonly worlds: readonly World[];
}

/** What a client needs in order to compute its proof; argon2id parameters as in RFC 9106. */
export interface SaltOffer {
  readonly salt: Uint8Array;
  readonly memoryKib: number;
  readonly iterations: number;
  readonly parallelism: number;
  /** Good for one proof on this connection. */
  readonly nonce: Uint8Array;
}

export type LoginRefusal = "wrong-name-or-password" | "banned" | "already-online" | "overtaken" | "no-world";

export type LoginDoor = {
  commands: {
    "login.register": {
      takes: { name: string; password: string; sex: Sex };
      gives: { accountId: AccountId };
      refusals: "name-invalid" | "name-taken" | "password-invalid" | "registration-closed";
    };
    "login.salt": { takes: { name: string }; gives: SaltOffer; refusals: never };
    "login.prove": {
      takes: { name: string; proof: Uint8Array; clientNonce: Uint8Array };
      gives: LoggedIn & { serverSignature: Uint8Array };
      refusals: LoginRefusal;
    };
    "login.password": { takes: { name: string; password: string }; gives: LoggedIn; refusals: LoginRefusal };
  };
  events: { "client.kicked": { reason: KickReason } };
};

/**
 * Where a world lets time pass before a character is deleted, its deletion is reserved first, and carried out after that
 * time. Both may be called off. Without a step a character is deleted if its time has come, and reserved if it is not.
 */
export type DeletionStep = "reserve" | "carry-out" | "cancel";

export type CharDoor = {
  commands: {
    "char.enter": {
      takes: LoginTicket;
      gives: { characters: readonly CharacterSummary[]; slotCount: number };
      refusals: "not-logged-in" | "already-online";
    };
    "char.create": {
      takes: { slot: number; name: string; looks?: Looks };
      gives: CharacterSummary;
      refusals: "name-invalid" | "name-taken" | "slot-invalid" | "slot-taken" | "map-unavailable";
    };
    "char.delete": {
      takes: { charId: CharId; step?: DeletionStep };
      /** After `reserve`: see `CharacterSummary`. */
      gives: { deleteAfterS?: number };
      refusals: "no-such-character" | "not-yet";
    };
    "char.choose": {
      takes: { charId: CharId };
      gives: { charId: CharId; map: string } & DoorAddress;
      refusals: "no-such-character" | "map-unavailable";
    };
  };
  events: { "client.kicked": { reason: KickReason } };
};

export interface Cell {
  readonly x: number;
  readonly y: number;
}

/** Somebody on the map, as others see them. */
export interface Actor {
  readonly accountId: AccountId;
  readonly charId: CharId;
  readonly name: string;
  readonly sex: Sex;
  readonly looks: Looks;
  readonly x: number;
  readonly y: number;
  /** The cells ahead; empty while standing. */
  readonly path: readonly Cell[];
}

/** What somebody says. */
export interface Spoken {
  readonly text: string;
  /**
   * What the speaker's client sent, where it is more than the text tells: for other clients of that dialect, byte for
   * byte. Everybody else is shown the text.
   */
  readonly original?: { readonly dialect: string; readonly bytes: Uint8Array };
}

export interface MapEntered {
  readonly charId: CharId;
  readonly name: string;
  readonly position: Position;
  readonly width: number;
  readonly height: number;
  /** One byte a cell, row by row: 0 floor, 1 wall, 2 warp. */
  readonly cells: Uint8Array;
  /** How long one step to a neighbouring cell takes. */
  readonly stepMs: number;
  /** Others within this many cells, diagonals counting as one, are seen. */
  readonly viewCells: number;
}

export type MapDoor = {
  commands: {
    "map.enter": {
      takes: { accountId: AccountId; charId: CharId; loginId1: LoginId; sex: Sex };
      gives: MapEntered;
      refusals: "not-expected";
    };
    "map.walk": { takes: { x: number; y: number }; gives: { steps: number }; refusals: "no-path" };
    "map.say": { takes: Spoken; gives: Record<never, never>; refusals: "text-invalid" };
    "map.leave": {
      takes: { to: "char-select" | "offline" };
      gives: Record<never, never>;
      refusals: never;
    };
  };
  events: {
    "actor.appeared": Actor;
    /** Set out, or took another way; `moved` follows for each step. */
    "actor.walks": { charId: CharId; x: number; y: number; path: readonly Cell[] };
    "actor.moved": { charId: CharId; x: number; y: number };
    "actor.vanished": { charId: CharId };
    "actor.said": { charId: CharId; name: string } & Spoken;
    "map.changed": MapEntered;
    /** Its map is another map-server's, which expects the client with the ids that it showed here. */
    "map.hop": { position: Position } & DoorAddress;
    "client.kicked": { reason: KickReason };
  };
};

/** Why a server ended a connection on its own account. */
export const kickReasons = [
  "logged-in-elsewhere",
  "second-choice",
  "lock-lost",
  "server-stopping",
  "cluster-link-lost",
  "timed-out",
  "save-failed",
] as const;
export type KickReason = (typeof kickReasons)[number];
