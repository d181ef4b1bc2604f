import type { Stop } from "@sallyport/bots";
import type { Outcome, Position } from "@sallyport/domain";
import type { Credentials, DoorAddress } from "@sallyport/sdk";
import type { Way } from "../ways.ts";

/*
 * What players of all protocols can do. A file for each protocol beside this one says how its clients do it, and
 * `protocols.ts` lists them.
 */

/** The place where clients of one protocol come in. */
export interface Entrance extends Way {
  readonly protocol: PlayerProtocol;
  /** The char-server, for a protocol whose login names none. */
  readonly world: DoorAddress;
}

/** One account, which any protocol may play. */
export interface Account {
  /** The name or the e-mail address with which it logs in. */
  readonly login: string;
  readonly password: string;
  /** The name of its only character. */
  readonly character: string;
}

export type Answer = Outcome<unknown, string>;

/** Sees a request with its answer, and returns the answer. `parts`: it stands for so many requests of ours. */
export type Ask = <Value, Code extends string>(
  call: string,
  asked: Promise<Outcome<Value, Code>>,
  more?: { readonly detail?: string; readonly parts?: number },
) => Promise<Outcome<Value, Code>>;

/** What a player needs to come in. */
export interface Visitor {
  readonly account: Account;
  readonly entrance: Entrance;
  /** The address of this machine from which its clients connect. */
  readonly from: string;
  readonly credentials: Credentials;
  readonly stop: Stop;
  /** How long a character takes for one step, in milliseconds. */
  readonly stepMs: number;
  /** How long a client waits for an answer, in milliseconds. */
  readonly answerMs: number;
  readonly ask: Ask;
  /** Called with each line that another player says. */
  readonly heard: (line: string) => void;
  /** Called with the character that the char-server lists, if the protocol tells its id and its place. */
  readonly listed: (charId: number, position: Position, name: string) => void;
  /** Called with the reason for which a server ended the visit, if the protocol tells it. */
  readonly ended?: (reason: string) => void;
}

export interface Target {
  readonly x: number;
  readonly y: number;
  /** A walk to a warp ends on the map behind it. */
  readonly isWarp: boolean;
}

/** A character in the world, by whatever protocol. */
export interface Player {
  /** Whether its client is still connected. */
  readonly isIn: boolean;
  /** Where it stands for sure. Null: it may be walking, or its protocol does not say. */
  readonly stands: Position | null;
  /** The name of its map. Null: its protocol does not say. */
  readonly map: string | null;
  /** What the servers sent that they must not send. */
  readonly complaints: readonly string[];
  /** Absent: clients of this protocol cannot walk. Resolves when it is there, or is not there in good time. */
  readonly walk?: (to: Target) => Promise<Answer>;
  say(text: string): Promise<Answer>;
  /** Goes to an open room. Absent: clients of this protocol cannot, or are always in one. */
  readonly enterRoom?: (map: string) => Promise<Answer>;
  /** Leaves the map and chooses the character again. Absent: clients of this protocol cannot. */
  readonly goBack?: () => Promise<Answer>;
  /** Leaves in good order. Resolves when the character is saved, if the protocol tells that. */
  leave(): Promise<Answer>;
  /** Drops the connection, as a network does. */
  destroy(): void;
}

export interface PlayerProtocol {
  readonly name: string;
  /**
   * Where its clients connect: at the doors of the native dialect, at a port of its own of login-servers, or at a
   * port of fronts. The setting of that port is its name and `_PORT`.
   */
  readonly door: "native" | "a-series" | "ragnarok" | "front";
  /** Whether its accounts have an e-mail address and no name. */
  readonly registersEmail: boolean;
  /** Whether it calls `listed`. */
  readonly listsPlaces: boolean;
  /**
   * What its clients are told by a server that has too much to do. A protocol that has no word for it says what it
   * says of a wrong password.
   */
  readonly busyWords: readonly string[];
  /** Makes the account. */
  register(visitor: Visitor): Promise<Answer>;
  /** Logs in and enters the world with the character, which it makes if there is none. */
  enter(visitor: Visitor): Promise<Outcome<Player, string>>;
}
