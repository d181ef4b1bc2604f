import type { Cell, CharId, MapEntered, Position, Sex } from "@sallyport/domain";
import type {
  Actor,
  CharacterSummary,
  DoorAddress,
  EndReason,
  GameEvent,
  Refusal,
  World,
} from "@sallyport/sdk";
import type { Key } from "./keys.ts";

/*
 * The whole client is one value. One function takes this value and a happening, and returns the next value
 * and commands. The shell carries out the commands and reports each result as the next happening. Nothing
 * here waits, draws or sends.
 */

export interface State {
  /** Address of the login door. */
  readonly server: DoorAddress;
  readonly screen: Screen;
  /** The command under way, in words. Keys wait until it is answered, except the one that quits. */
  readonly busy: string | null;
  readonly notice: Notice | null;
  readonly retry: Retry | null;
  readonly isQuitting: boolean;
  /** Keys pressed while a command was under way. They take effect when it is done. */
  readonly keysAhead: readonly Key[];
}

export interface Notice {
  readonly text: string;
  readonly kind: "news" | "trouble";
}

/** A refusal that may pass. The screen shows it until the player tries again or drops it. */
export interface Retry {
  readonly command: Command;
  readonly dueMs: number;
  /** The player asked for the retry, which happens as soon as it is due. */
  readonly isArmed: boolean;
}

export type Screen = MenuScreen | FormScreen | WorldsScreen | SelectScreen | MapScreen;

export interface MenuScreen {
  readonly at: "menu";
  readonly chosen: number;
  /** Name of the account that was used last. */
  readonly name: string;
}

export interface FormScreen {
  readonly at: "form";
  readonly purpose: "log-in" | "register";
  readonly name: string;
  readonly password: string;
  readonly sex: Sex;
  readonly focus: number;
}

export interface WorldsScreen {
  readonly at: "worlds";
  readonly name: string;
  readonly worlds: readonly World[];
  readonly chosen: number;
}

export interface SelectScreen {
  readonly at: "select";
  readonly name: string;
  readonly characters: readonly CharacterSummary[];
  readonly slotCount: number;
  readonly chosen: number;
  /** Name of the new character so far. Null: none is being created. */
  readonly creating: string | null;
  readonly deleting: CharacterSummary | null;
}

export interface MapScreen {
  readonly at: "map";
  readonly name: string;
  readonly charName: string;
  readonly place: MapEntered;
  readonly position: Position;
  readonly actors: ReadonlyMap<CharId, Actor>;
  readonly log: readonly LogLine[];
  readonly typing: string | null;
  /**
   * Target of the last walk, until the player arrives. `heardMs`: time of the request, or of the last
   * reported step.
   */
  readonly target: { readonly x: number; readonly y: number; readonly heardMs: number } | null;
  readonly warps: readonly Cell[];
}

export interface LogLine {
  /** Null: a message of the client itself. */
  readonly name: string | null;
  readonly text: string;
  readonly isOwn: boolean;
}

export type Command =
  | { readonly type: "register"; readonly name: string; readonly password: string; readonly sex: Sex }
  | { readonly type: "log-in"; readonly name: string; readonly password: string }
  | { readonly type: "enter-world"; readonly world: DoorAddress }
  | { readonly type: "create"; readonly slot: number; readonly name: string }
  | { readonly type: "delete"; readonly charId: CharId }
  | { readonly type: "choose"; readonly charId: CharId }
  | { readonly type: "log-out" }
  | { readonly type: "walk"; readonly x: number; readonly y: number }
  | { readonly type: "say"; readonly text: string }
  | { readonly type: "back" }
  /** Saves, leaves the world and ends. */
  | { readonly type: "quit" }
  /** Ends at once, without waiting for a save. */
  | { readonly type: "abandon" };

/** The place where the client still is after a refusal. */
export type Standing = "outside" | "select" | "map";

export type Happening =
  | { readonly type: "key"; readonly key: Key }
  | { readonly type: "tick" }
  | { readonly type: "registered"; readonly name: string; readonly password: string }
  | { readonly type: "logged-in"; readonly worlds: readonly World[] }
  | {
      readonly type: "selecting";
      readonly characters: readonly CharacterSummary[];
      readonly slotCount: number;
    }
  | { readonly type: "characters"; readonly characters: readonly CharacterSummary[]; readonly news: string }
  | { readonly type: "entered"; readonly place: MapEntered }
  | { readonly type: "logged-out" }
  | { readonly type: "walked"; readonly steps: number }
  | { readonly type: "said" }
  | { readonly type: "game-event"; readonly event: GameEvent }
  | {
      readonly type: "refused";
      readonly command: Command;
      readonly refusal: Refusal;
      /** The cause of `unreachable`, if it is known. */
      readonly why?: string | null;
      readonly standing: Standing;
      readonly retryAfterMs?: number;
    }
  /** A connection ended, but not because this client closed it. */
  | { readonly type: "ended"; readonly reason: EndReason };

export interface Step {
  readonly state: State;
  readonly commands: readonly Command[];
}

export const menuItems = ["Log in", "Register", "Quit"] as const;

export function initialState(server: DoorAddress, name: string): State {
  const menu: MenuScreen = { at: "menu", chosen: 0, name };
  const form: FormScreen = { at: "form", purpose: "log-in", name, password: "", sex: "female", focus: 1 };
  return {
    server,
    screen: name === "" ? menu : form,
    busy: null,
    notice: null,
    retry: null,
    isQuitting: false,
    keysAhead: [],
  };
}
