import type { CharId, DialogueAnswer, JsonObject } from "@sallyport/domain";
import type { CharacterSummary, Refusal, World } from "@sallyport/sdk";

/**
 * What a protocol can ask of the servers. `Journey` carries it out. A request in the wrong place, such as `say`
 * without a map, is refused as `out-of-order`.
 */
export type Asked =
  /** A name with an `@` is an e-mail address. */
  | {
      readonly type: "register";
      readonly name: string;
      readonly password: string;
      readonly invitation?: string;
      readonly device?: string | null;
    }
  /** The code is from the letter that a server sends to the address of a new account. */
  | { readonly type: "confirm-email"; readonly code: string }
  | {
      readonly type: "log-in";
      readonly name: string;
      readonly password: string;
      /** An id of the client's machine, at most 64 characters. Null: unknown. */
      readonly device?: string | null;
      /** Asks to be told whether the name exists: see `login.password.telling`. */
      readonly saysUnknown?: boolean;
    }
  /** By the name of the world. */
  | { readonly type: "enter-world"; readonly world: string }
  /** In the first free slot. */
  | { readonly type: "create"; readonly name: string }
  | { readonly type: "choose"; readonly charId: CharId }
  /** Leaves the map, and goes back to the characters. */
  | { readonly type: "select" }
  /** `at` is where the character comes in, if clients of this room report their positions. */
  | { readonly type: "enter-room"; readonly map: string; readonly at?: Place }
  | { readonly type: "walk"; readonly x: number; readonly y: number }
  | { readonly type: "report"; readonly x: number; readonly y: number }
  | { readonly type: "say"; readonly text: string }
  | { readonly type: "click"; readonly actor: number }
  | { readonly type: "take"; readonly actor: number }
  | { readonly type: "answer"; readonly actor: number; readonly answer: DialogueAnswer }
  | { readonly type: "buy"; readonly actor: number; readonly item: number; readonly amount: number }
  /** `done` comes when the character is saved. */
  | { readonly type: "save" }
  /** A command of the game. */
  | { readonly type: "command"; readonly name: string; readonly input: JsonObject }
  /** Leaves the world, from a map or from the characters. On a map, `done` comes when the character is saved. */
  | { readonly type: "leave" };

/** In units of the map. */
interface Place {
  readonly x: number;
  readonly y: number;
}

export interface Characters {
  readonly characters: readonly CharacterSummary[];
  readonly slotCount: number;
}

/** What `done` has besides, for the requests that give something. */
interface Given {
  "log-in": { readonly worlds: readonly World[] };
  "enter-world": Characters;
  select: Characters;
  create: { readonly created: CharacterSummary };
}

/** The servers have done what was asked. */
export type Done = {
  [N in Asked["type"]]: { readonly type: "done"; readonly of: N } & (N extends keyof Given
    ? Given[N]
    : unknown);
}[Asked["type"]];

/** The servers, or the way to them, refused what was asked. */
export interface NotDone {
  readonly type: "refused";
  readonly of: Asked["type"];
  readonly refusal: Refusal;
  /** A sentence for players. It is there for every refusal, also for those that a protocol does not know. */
  readonly sentence: string;
  /** The servers refuse the same request for this long. */
  readonly retryAfterMs?: number;
  /** More about the refusal, such as the names of the open rooms. */
  readonly detail?: string;
}
