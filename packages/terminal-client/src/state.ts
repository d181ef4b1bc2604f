import type { Cell, CharId, DialogueAnswer, MapEntered, Position, Sex, Ware } from "@sallyport/domain";
import type {
  Actor,
  CharacterSummary,
  DoorAddress,
  EndReason,
  Explained,
  GameEvent,
  GamemasterOrder,
  Refusal,
  World,
} from "@sallyport/sdk";
import type { Key } from "./keys.ts";

/*
 * The whole client is one value, the state. `update` takes the state and a happening, and returns the next
 * state and commands. The shell carries out the commands and reports each result as a happening. Nothing here
 * waits, draws or sends.
 */

export interface State {
  readonly server: DoorAddress;
  readonly screen: Screen;
  /** A description of the command under way. Meanwhile all keys wait, except Ctrl-C. */
  readonly busy: string | null;
  readonly notice: Notice | null;
  readonly retry: Retry | null;
  readonly isQuitting: boolean;
  /** Keys that wait until the command under way is done. */
  readonly keysAhead: readonly Key[];
}

export interface Notice {
  readonly text: string;
  readonly kind: "news" | "trouble";
}

/** A command that was refused and may be tried again. The player decides. */
export interface Retry {
  readonly command: Command;
  readonly dueMs: number;
  /** True once the player has asked for the retry, which then starts when it is due. */
  readonly isArmed: boolean;
}

export type Screen = MenuScreen | FormScreen | WorldsScreen | SelectScreen | MapScreen;

export interface MenuScreen {
  readonly at: "menu";
  readonly chosen: number;
  /** The name of the account that was used last. */
  readonly name: string;
}

/** `reset` and `confirm` need a code from a letter. */
export type FormPurpose = "log-in" | "register" | "ask-reset" | "reset" | "confirm";

export interface FormScreen {
  readonly at: "form";
  readonly purpose: FormPurpose;
  /** At a login, this can be an e-mail address. */
  readonly name: string;
  readonly email: string;
  readonly invitation: string;
  readonly code: string;
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
  /** The name that the player types for a new character. Null if the player is not creating one. */
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
   * The cell to which the player walks. `heardMs` is the time of the request or of the last reported step.
   */
  readonly target: { readonly x: number; readonly y: number; readonly heardMs: number } | null;
  /** When the client last said where it is. Only on a map where clients report. */
  readonly reportedMs: number;
  readonly warps: readonly Cell[];
  /** The actor at which the next click is aimed. Null: at the nearest one. */
  readonly chosen: CharId | null;
  readonly talk: Talk | null;
  /** What the game shows the client of its own character. */
  readonly character: { readonly [key: string]: unknown };
}

/** What an actor says and offers to the player alone. */
export interface Talk {
  readonly actor: number;
  /** The lines since the last answer. */
  readonly said: readonly string[];
  readonly choices: readonly string[];
  readonly goods: readonly Ware[];
  /** Counts pages of choices or goods from 0. */
  readonly page: number;
  /** `words`: the server has not answered yet. `nothing`: there is no dialogue, or it is over. */
  readonly waitsFor: "words" | "choice" | "next" | "nothing";
}

export interface LogLine {
  /** The speaker. Null for a message of the client itself. */
  readonly name: string | null;
  readonly text: string;
  readonly isOwn: boolean;
}

export type Command =
  | ({ readonly type: "register" } & Pick<FormScreen, "name" | "email" | "invitation" | "password" | "sex">)
  | { readonly type: "ask-reset"; readonly email: string }
  | { readonly type: "reset"; readonly code: string; readonly newPassword: string }
  | { readonly type: "confirm"; readonly code: string }
  | { readonly type: "log-in"; readonly name: string; readonly password: string }
  | { readonly type: "enter-world"; readonly world: DoorAddress }
  | { readonly type: "create"; readonly slot: number; readonly name: string }
  | { readonly type: "delete"; readonly charId: CharId }
  | { readonly type: "choose"; readonly charId: CharId }
  | { readonly type: "log-out" }
  | { readonly type: "walk"; readonly x: number; readonly y: number }
  /** Says where the character is, in units of the map. */
  | { readonly type: "report"; readonly map: string; readonly x: number; readonly y: number }
  | { readonly type: "enter-room"; readonly map: string }
  | { readonly type: "say"; readonly text: string }
  | { readonly type: "click"; readonly actor: number }
  | { readonly type: "take"; readonly actor: number; readonly name: string }
  | { readonly type: "answer"; readonly actor: number; readonly answer: DialogueAnswer }
  | { readonly type: "buy"; readonly actor: number; readonly item: number; readonly name: string }
  /** A command of the game. */
  | { readonly type: "send"; readonly name: string; readonly input: unknown }
  | { readonly type: "order"; readonly order: GamemasterOrder }
  | { readonly type: "back" }
  /** Saves the character, leaves the world and ends the program. */
  | { readonly type: "quit" }
  /** Ends the program at once, without waiting for the save. */
  | { readonly type: "abandon" };

/** Where the client is after a refusal. */
export type Standing = "outside" | "select" | "map";

export type Happening =
  | { readonly type: "key"; readonly key: Key }
  | { readonly type: "tick" }
  | { readonly type: "registered"; readonly name: string; readonly password: string }
  /** A form about a letter was accepted. The player goes on with another form. */
  | { readonly type: "mailed"; readonly news: string; readonly next: FormPurpose }
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
  /** A report was accepted. */
  | { readonly type: "reported"; readonly map: string; readonly x: number; readonly y: number }
  | { readonly type: "done"; readonly command: Command }
  /** The names of the open rooms in one text. Null: no room is open. */
  | { readonly type: "rooms"; readonly names: string | null }
  | { readonly type: "game-event"; readonly event: GameEvent }
  | {
      readonly type: "refused";
      readonly command: Command;
      readonly refusal: Refusal;
      /** Why nothing answers, or what the game says of its refusal. */
      readonly why?: string | null;
      readonly standing: Standing;
      readonly retryAfterMs?: number;
      readonly explained?: Explained;
    }
  /** A connection ended, and this client did not close it. */
  | { readonly type: "ended"; readonly reason: EndReason; readonly explained?: Explained };

export interface Step {
  readonly state: State;
  readonly commands: readonly Command[];
}

export const menuItems = ["Log in", "Register", "Forgot my password", "I have a code", "Quit"] as const;

export const emptyForm = (purpose: FormPurpose, name = ""): FormScreen => ({
  ...{ at: "form", purpose, name, email: "", invitation: "", code: "", password: "", sex: "female" },
  focus: purpose === "log-in" && name !== "" ? 1 : 0,
});

export function initialState(server: DoorAddress, name: string): State {
  const menu: MenuScreen = { at: "menu", chosen: 0, name };
  return {
    server,
    screen: name === "" ? menu : emptyForm("log-in", name),
    busy: null,
    notice: null,
    retry: null,
    isQuitting: false,
    keysAhead: [],
  };
}
