import type { CharacterSummary, Looks, Position } from "./character.ts";
import type { AccountId, CharId, LoginId, LoginTicket, Sex } from "./ids.ts";
import type { Kick } from "./kick.ts";
import type { Announced, Order } from "./orders.ts";

/** A door for clients of another dialect than the native one. */
export interface OtherDoor {
  readonly dialect: string;
  readonly host: string;
  readonly port: number;
}

export interface DoorAddress {
  readonly host: string;
  readonly port: number;
  /** URL for clients over WebSocket. Null if this door does not accept them. */
  readonly wsUrl: string | null;
  readonly otherDoors: readonly OtherDoor[];
}

/** A door's address for the clients of one network, if they need another address than all others. */
export interface NearDoor extends DoorAddress {
  /** The network in CIDR notation, like `192.168.0.0/16`. */
  readonly network: string;
}

export interface PublicAddress extends DoorAddress {
  readonly near: readonly NearDoor[];
}

export interface World extends DoorAddress {
  readonly name: string;
  readonly players: number;
}

/**
 * A world may require a delay before a character is deleted. Then a client first reserves the deletion, and
 * requests the deletion itself after the delay. The client can cancel the reservation. If a request has no
 * step, the server deletes the character if the delay is over, and otherwise reserves the deletion.
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
      /** Present after `reserve`: see `CharacterSummary`. */
      gives: { deleteAfterS?: number };
      refusals: "no-such-character" | "not-yet";
    };
    "char.choose": {
      takes: { charId: CharId };
      gives: { charId: CharId; map: string } & DoorAddress;
      /** `state-invalid`: the state of the character does not fit the game. Only an operator can repair it. */
      refusals: "no-such-character" | "map-unavailable" | "state-invalid";
    };
  };
  events: { "client.kicked": Kick };
};

export interface Cell {
  readonly x: number;
  readonly y: number;
}

export const actorKinds = ["player", "npc", "monster", "item"] as const;
/** An `item` lies on the floor. */
export type ActorKind = (typeof actorKinds)[number];

/** Each dialect names an actor by one of these. */
export interface ActorIds {
  /** 0 if the actor is no player. */
  readonly accountId: AccountId;
  /** The actor id. Actors that are no players have one from `firstActorId`. */
  readonly charId: CharId;
}

/** Where an actor is, and where its walk leads. */
export interface Walking extends Cell {
  /** All cells of the walk, in order. Empty while the actor stands. */
  readonly path: readonly Cell[];
  /** The number of cells of the path that the actor has stepped on. */
  readonly walked: number;
}

/** How clients draw an actor that is no player. */
export interface Sprite {
  /**
   * The number of the picture in the files of the client, unsigned 16-bit. For an item, it is the number of
   * the item. If it is absent, the dialect uses one that fits the kind of the actor.
   */
  readonly class?: number;
}

interface AnyActor extends ActorIds, Walking {
  readonly name: string;
  readonly sex: Sex;
  /** Milliseconds for each cell. */
  readonly stepMs: number;
  /** The cell of the actor before its last step. Null if it took no step on this map. */
  readonly cameFrom: Cell | null;
  /** What the game shows of the actor: see `gameBounds`. */
  readonly shown: Uint8Array;
}
export type Actor = {
  [K in ActorKind]: AnyActor & { readonly kind: K; readonly looks: K extends "player" ? Looks : Sprite };
}[ActorKind];

/** `index` counts the choices from 0. `close` ends the dialogue, also while it waits for a choice. */
export type DialogueAnswer =
  | { readonly type: "next" }
  | { readonly type: "choice"; readonly index: number }
  | { readonly type: "close" };

/** The bounds of a dialogue. Lengths are in UTF-16 units. */
export const dialogueBounds = { textMax: 1_000, choicesMax: 254, choiceMax: 128 } as const;

/** Goods of a shop. `item` and `amount` are unsigned 16-bit, and `price` is unsigned 32-bit. */
export interface Ware {
  readonly item: number;
  readonly name: string;
  /** For one piece. */
  readonly price: number;
}
export interface Purchase {
  readonly item: number;
  readonly amount: number;
}
/** The bounds of a shop. `nameMax` is in UTF-16 units. */
export const shopBounds = { goodsMax: 255, nameMax: 64 } as const;

/**
 * The bounds of what a game and its clients send each other. `nameMax` is in UTF-16 units. A body is one value
 * in MessagePack. What a client is shown of a character is a map with text keys in MessagePack, or empty.
 */
export const gameBounds = { nameMax: 64, bodyBytesMax: 16 << 10, shownBytesMax: 32 << 10 } as const;

export interface Spoken {
  readonly text: string;
  /**
   * The bytes that the speaker's client sent, if they hold more than the text. Clients of the same dialect
   * get these bytes unchanged; all others get the text.
   */
  readonly original?: { readonly dialect: string; readonly bytes: Uint8Array };
}

/** On some maps, clients report where their characters are. Positions are then in units, not in cells. */
export interface ReportedMovement {
  readonly unitsPerCell: number;
  /** In units per second. */
  readonly greatestSpeed: number;
}

export interface MapEntered {
  readonly charId: CharId;
  readonly name: string;
  readonly position: Position;
  readonly width: number;
  readonly height: number;
  /** One byte for each cell, row by row: 0 floor, 1 wall, 2 warp. */
  readonly cells: Uint8Array;
  readonly stepMs: number;
  /** The client sees actors within this many cells. A diagonal step counts as one cell. */
  readonly viewCells: number;
  /** Null if the server walks characters from cell to cell. */
  readonly movement: ReportedMovement | null;
  /** In a room all players see and hear each other, wherever they are. */
  readonly isRoom: boolean;
}

export type MapDoor = {
  commands: {
    "map.enter": {
      takes: { accountId: AccountId; charId: CharId; loginId1: LoginId; sex: Sex };
      gives: MapEntered;
      refusals: "not-expected";
    };
    /** `x,y` are in units on a map whose clients report where they are, and in cells on any other map. */
    "map.walk": { takes: { x: number; y: number }; gives: { steps: number }; refusals: "no-path" };
    /** The client says where its character is, in units. After a refusal the character is where it was. */
    "map.report": {
      takes: { x: number; y: number };
      gives: Record<never, never>;
      refusals: "too-fast" | "outside" | "too-many" | "not-reported";
    };
    /** `muted`: a gamemaster or an operator muted the account, until the time after which the client may retry. */
    "map.say": { takes: Spoken; gives: Record<never, never>; refusals: "text-invalid" | "muted" };
    /** An order of a gamemaster. The detail of `invalid` names the field at fault. */
    "map.order": {
      takes: Order;
      gives: Record<never, never>;
      refusals: "not-allowed" | "no-such-player" | "no-such-map" | "invalid" | "too-many";
    };
    /**
     * The client has loaded the map. After the answer it is shown all actors in view. Clients that load
     * nothing do not send this command. They are shown the actors as soon as they have entered.
     */
    "map.look": { takes: Record<never, never>; gives: Record<never, never>; refusals: never };
    "map.name": {
      /** The account id of a player, or the actor id of another actor. */
      takes: { actor: number };
      /** Null if this actor is not in view. */
      gives: { name: string | null };
      refusals: never;
    };
    /**
     * In the commands below, `actor` is the id of an actor that is no player. The game answers them. `failed`: the
     * game has a bug, and nothing happened.
     */
    "map.click": {
      takes: { actor: number };
      gives: Record<never, never>;
      refusals: "no-such-actor" | "too-far" | "failed";
    };
    /** An answer for which the dialogue does not wait is accepted, and changes nothing. */
    "dialogue.answer": {
      takes: { actor: number; answer: DialogueAnswer };
      gives: Record<never, never>;
      /** The client has no dialogue with this actor. */
      refusals: "no-dialogue" | "failed";
    };
    /** Picks up an item from the floor. */
    "map.take": {
      takes: { actor: number };
      gives: Record<never, never>;
      refusals: "no-such-actor" | "too-far" | "no-room" | "failed";
    };
    /** Buys all of these goods or none. */
    "shop.buy": {
      takes: { actor: number; goods: readonly Purchase[] };
      gives: Record<never, never>;
      /** `no-shop`: this actor has not offered all of these goods to the client. */
      refusals: "no-shop" | "too-dear" | "no-room" | "failed";
    };
    /** One of the game's own commands. If it is refused, nothing of it happens. */
    "game.command": {
      takes: { name: string; body: Uint8Array };
      gives: Record<never, never>;
      /** The detail of `invalid` names the field at fault, and the detail of `refused` is a word of the game. */
      refusals: "unknown-command" | "invalid" | "too-many" | "refused" | "failed";
    };
    /**
     * Goes to a room that its map file opens to all, from any map of the world. In that room it changes nothing. On a
     * map whose clients report where they are, the character comes in at `at`, in units. By default, and if the map
     * ends before that, it comes in at the spawn. The detail of `no-such-room` names the open rooms.
     */
    "room.enter": {
      takes: { map: string; at?: Cell | null };
      gives: Record<never, never>;
      refusals: "no-such-room";
    };
    /** When it is accepted, the state that the character had when the command came, or a newer one, is stored. */
    "map.save": {
      takes: Record<never, never>;
      gives: Record<never, never>;
      refusals: "too-many";
    };
    "map.leave": {
      takes: { to: "char-select" | "offline" };
      gives: Record<never, never>;
      refusals: never;
    };
  };
  /**
   * The events of actors do not depend on the client that gets them. So one object goes to all of them, and
   * each dialect encodes it once. An event never changes after it was sent.
   */
  events: {
    "actor.appeared": Actor;
    /** The actor began to walk, changed its path or stopped. `actor.moved` follows for each step. */
    "actor.walks": ActorIds & Walking;
    "actor.moved": ActorIds & Walking;
    "actor.vanished": ActorIds;
    "actor.said": ActorIds & { name: string } & Spoken;
    /** The game shows something else of the actor: `shown` is complete. */
    "actor.changed": ActorIds & { shown: Uint8Array };
    /**
     * A dialogue or an offer comes only after a `map.click` on its actor, because older clients do not know
     * these events. A line feed in a text begins a new line.
     */
    "dialogue.said": { actor: number; text: string };
    /** The dialogue waits for a choice. It has at least one. */
    "dialogue.asked": { actor: number; choices: readonly string[] };
    /** The dialogue waits for `next`. */
    "dialogue.paused": { actor: number };
    /** The dialogue is over, also after `close`. Clients show what was said until the player closes it. */
    "dialogue.ended": { actor: number };
    "shop.offered": { actor: number; goods: readonly Ware[] };
    announced: Announced;
    /** One of the game's own events. */
    "game.event": { name: string; body: Uint8Array };
    /**
     * What the game shows a client of its own character. The first one on each map is complete. Later ones have
     * the keys that changed, with nil for a key that is gone.
     */
    "character.changed": { changes: Uint8Array };
    "map.changed": MapEntered;
    /** The client must go to another map-server, which expects it with the same login ids. */
    "map.hop": { position: Position } & DoorAddress;
    "client.kicked": Kick;
  };
};
