import type { AfterLastByte, SecondLogin } from "@sallyport/dialects";
import type { CharId } from "@sallyport/domain";
import type { Actor, EndReason, GameEvent } from "@sallyport/sdk";
import type { Asked, Done, NotDone } from "./asked.ts";

/*
 * What a protocol is to the front: a codec between bytes and messages, and a table of what each event means in
 * each state. The table is pure. A protocol has no socket, no clock and no connection to a server.
 */

/** Bytes of one client ⇄ messages. A codec belongs to one connection, and keeps its keys and unfinished bytes. */
export interface Codec<Said, Told> {
  /**
   * Takes the next bytes, which may end in the middle of a message. Returns the messages that are complete. Throws
   * `WireError` for nonsense, and before an unfinished message becomes too long: no other bound is on the bytes
   * that a codec keeps. The front then closes the connection. Any other error is a bug, and ends the process.
   */
  read(bytes: Uint8Array): readonly Said[];
  /** Each message becomes one write. No bytes: nothing is written. */
  write(message: Told): Uint8Array;
}

/** What the character sees now. */
export interface Scene {
  readonly charId: CharId;
  readonly name: string;
  readonly map: string;
  /** In units on a map with `unitsPerCell`, and otherwise in cells. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly cells: Uint8Array;
  readonly isRoom: boolean;
  /** Clients report their positions in units of this size. Null: the server walks characters from cell to cell. */
  readonly unitsPerCell: number | null;
  /** All others in view. */
  readonly actors: ReadonlyMap<CharId, Actor>;
  /** What the game shows the client of its own character. Empty without a game, and until it has come. */
  readonly character: { readonly [key: string]: unknown };
}

/** The time of an event. */
export interface Moment {
  /** Milliseconds on a monotonic clock. */
  readonly nowMs: number;
  /** Milliseconds since 1970. */
  readonly wallMs: number;
}

export type FrontEvent<Said> =
  /** A message of the client. It waits until all that the message before it asked of the servers is answered. */
  | { readonly type: "said"; readonly message: Said }
  | Done
  | NotDone
  /** The map-server told of something. */
  | { readonly type: "heard"; readonly event: GameEvent }
  /** The servers ended the connection to them, or it was lost. That of the client stays open. */
  | { readonly type: "ended"; readonly reason: EndReason; readonly sentence: string }
  /** The client was in states with the same `at` for `withinMs`. */
  | { readonly type: "late" }
  /** `tickMs` has passed again. */
  | { readonly type: "tick" }
  /** The front stops: the last event. It leaves the world and closes the connection by itself. */
  | { readonly type: "stopping" };

export type Effect<Told> =
  | { readonly type: "send"; readonly message: Told }
  | { readonly type: "ask"; readonly asked: Asked }
  /** Closes the connection when everything is sent. `why` is for the log. A character in the world leaves it. */
  | { readonly type: "close"; readonly why: string };

export interface Step<State, Told> {
  readonly next: State;
  /** Carried out in this order. After an `ask`, the answer is decided before the next effect is carried out. */
  readonly effects: readonly Effect<Told>[];
}

/** One rule for each event in each state. The project does not compile if one is missing. */
export type Table<State extends { readonly at: string }, Said, Told> = {
  readonly [At in State["at"]]: {
    readonly [E in FrontEvent<Said>["type"]]: (
      state: Extract<State, { readonly at: At }>,
      event: Extract<FrontEvent<Said>, { readonly type: E }>,
      scene: Scene | null,
      now: Moment,
    ) => Step<State, Told>;
  };
};

export interface Protocol<
  State extends { readonly at: string },
  Said extends { readonly type: string },
  Told,
> {
  /**
   * At most 24 characters. Servers log it as the dialect of the client. The settings of the protocol begin with it:
   * warnings of the front name `<NAME>_PORT` and `<NAME>_CLIENTS_MAX`.
   */
  readonly name: string;
  /** What its clients expect if the account is already in use. `LOGIN_SECOND` of the servers may decide otherwise. */
  readonly secondLogin: SecondLogin;
  /** The types of all messages of a client. Metrics count them by these words. */
  readonly messages: { readonly [Type in Said["type"]]: true };
  /** Makes the codec of one connection. */
  readonly codec: () => Codec<Said, Told>;
  /** The first step of each client, when it has connected. */
  readonly begin: Step<State, Told>;
  readonly table: Table<State, Said, Told>;
  /** How long a state may last, in milliseconds. A state without an entry has no limit. */
  readonly withinMs: { readonly [At in State["at"]]?: number };
  /** The time from one `tick` to the next, in milliseconds. Absent: there are none. */
  readonly tickMs?: number;
  /** Absent: a client is gone with its last byte, and what waits is dropped. */
  readonly afterLastByte?: AfterLastByte;
  /** Maximum number of clients of this protocol. Absent: only the bounds of the front count. */
  readonly clientsMax?: number;
}

/** What some events of the map-server mean. All others mean nothing to the protocol. */
export type Hears<State, In extends State, Told> = {
  readonly [T in GameEvent["type"]]?: (
    state: In,
    event: Extract<GameEvent, { readonly type: T }>,
    scene: Scene | null,
  ) => Step<State, Told>;
};

export function hear<State, In extends State, Told>(
  rules: Hears<State, In, Told>,
  state: In,
  event: GameEvent,
  scene: Scene | null,
): Step<State, Told> {
  // The compiler cannot see that this rule belongs to this event.
  const rule = rules[event.type] as
    | ((state: In, event: GameEvent, scene: Scene | null) => Step<State, Told>)
    | undefined;
  return rule?.(state, event, scene) ?? go<State, Told>(state);
}

export const go = <State, Told>(next: State, ...effects: readonly Effect<Told>[]): Step<State, Told> => ({
  next,
  effects,
});
export const send = <Told>(message: Told): Effect<Told> => ({ type: "send", message });
export const ask = (asked: Asked): Effect<never> => ({ type: "ask", asked });
export const close = (why: string): Effect<never> => ({ type: "close", why });

/** Finds the rule for the event in the state. */
export function decide<State extends { readonly at: string }, Said, Told>(
  table: Table<State, Said, Told>,
  state: State,
  event: FrontEvent<Said>,
  scene: Scene | null,
  now: Moment,
): Step<State, Told> {
  // The compiler cannot see that this rule belongs to this state and this event.
  const rules = table[state.at as State["at"]] as unknown as {
    readonly [type: string]: (
      state: State,
      event: FrontEvent<Said>,
      scene: Scene | null,
      now: Moment,
    ) => Step<State, Told>;
  };
  const rule = rules[event.type];
  if (rule === undefined) throw new Error(`no rule for ${event.type} in ${state.at}`);
  return rule(state, event, scene, now);
}
