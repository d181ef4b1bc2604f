import type { Cell, CharId, DialogueAnswer, MapEntered, Purchase, Sex } from "@sallyport/domain";
import type { CharacterSummary, EndReason, Explained, GameEvent, Refusal, World } from "@sallyport/sdk";
import type { UseCommand } from "./harbour.ts";
import type { Language } from "./language.ts";
import type { Heading, MapCommand, MapScreen } from "./map-screen.ts";
import type { Returning } from "./returning.ts";

/*
 * The whole page is one value, the state. `update` takes the state and a happening, and returns the next state
 * and commands. The shell carries out the commands and reports each result as a happening. The views show the
 * state. Only text fields have a content of their own, which no other part needs before it is sent.
 */

export interface State {
  readonly language: Language;
  /** The name of the account that was used last. Empty before the first login. */
  readonly accountName: string;
  readonly screen: Screen;
  /** The command under way. Meanwhile the buttons of the screen do nothing. */
  readonly busy: Command["type"] | null;
  readonly notice: Notice | null;
  /** Not null while the page tries to come back after the loss of a connection. */
  readonly returning: Returning | null;
}

export type Notice =
  | { readonly kind: "trouble"; readonly refusal: Refusal; readonly explained: Explained | null }
  | { readonly kind: "news"; readonly news: News; readonly name: string };

export type News = "welcome" | "created" | "deleted" | MailNews;
/** What became of a form about letters with codes. */
export type MailNews = "letter-sent" | "password-set" | "email-confirmed";

/** The forms before a login. A letter has the code for `reset` and `confirm`. */
export type TitleForm = "log-in" | "register" | "ask-reset" | "reset" | "confirm";

export interface TitleScreen {
  readonly at: "title";
  readonly form: TitleForm;
  /** From the address of the page, which a letter can contain. */
  readonly code?: string;
}

export type Screen =
  | TitleScreen
  | { readonly at: "worlds"; readonly worlds: readonly World[] }
  | SelectScreen
  | MapScreen
  | EndedScreen;

export interface SelectScreen {
  readonly at: "select";
  readonly characters: readonly CharacterSummary[];
  readonly slotCount: number;
  /** The character whose deletion waits for a confirmation. */
  readonly deleting: CharacterSummary | null;
}

export interface EndedScreen {
  readonly at: "ended";
  readonly reason: EndReason;
  /** Why the last attempt to come back failed. Null if there was none. */
  readonly refusal: Refusal | null;
  /** Of the refusal, or of the reason if there is no refusal. */
  readonly explained: Explained | null;
  readonly charId: CharId | null;
}

export interface RegisterCommand {
  readonly type: "register";
  readonly name: string;
  /** Empty: none. */
  readonly email: string;
  readonly password: string;
  readonly sex: Sex;
  /** Empty: none. */
  readonly invitation: string;
}

/** What the buttons and forms outside the map ask for. */
export type MenuCommand =
  | RegisterCommand
  | { readonly type: "ask-reset"; readonly email: string }
  | { readonly type: "reset"; readonly code: string; readonly newPassword: string }
  | { readonly type: "confirm"; readonly code: string }
  | { readonly type: "log-in"; readonly name: string; readonly password: string }
  | { readonly type: "enter-world"; readonly world: World }
  | { readonly type: "create"; readonly slot: number; readonly name: string }
  | { readonly type: "delete"; readonly charId: CharId }
  | { readonly type: "choose"; readonly charId: CharId }
  | { readonly type: "log-out" }
  /** Leaves the map for character select. */
  | { readonly type: "back" };

export type Command =
  | MenuCommand
  | MapCommand
  /** Logs in again with the same account, and chooses the character if there is one. */
  | { readonly type: "return"; readonly charId: CharId | null }
  /** Forgets the account that `return` would use. */
  | { readonly type: "forget" }
  | { readonly type: "remember"; readonly language: Language; readonly accountName: string };

/** What the player did. */
export type Deed =
  | { readonly type: "form"; readonly form: TitleForm }
  | { readonly type: "speak"; readonly language: Language }
  | { readonly type: "command"; readonly command: MenuCommand }
  | { readonly type: "ask-delete"; readonly character: CharacterSummary | null }
  | MapDeed
  | { readonly type: "come-back" }
  | { readonly type: "give-up" };

/** What the player did on the map. */
export type MapDeed =
  | { readonly type: "heading"; readonly heading: Heading | null }
  | { readonly type: "look-around" }
  /** In cells from the upper left corner of the map, with parts of a cell. */
  | ({ readonly type: "point" } & Cell)
  /** The player turns to an actor that is no player. */
  | { readonly type: "use"; readonly actor: CharId }
  | { readonly type: "answer"; readonly answer: DialogueAnswer }
  | { readonly type: "say"; readonly text: string }
  | ({ readonly type: "buy" } & Purchase)
  | UseCommand;

export type Happening =
  | Deed
  | { readonly type: "tick" }
  | { readonly type: "registered"; readonly name: string; readonly password: string }
  | { readonly type: "mailed"; readonly news: MailNews }
  | { readonly type: "logged-in"; readonly worlds: readonly World[] }
  | {
      readonly type: "selecting";
      readonly characters: readonly CharacterSummary[];
      readonly slotCount: number;
    }
  | {
      readonly type: "characters";
      readonly characters: readonly CharacterSummary[];
      readonly news: "created" | "deleted";
      readonly name: string;
    }
  | { readonly type: "entered"; readonly place: MapEntered }
  | { readonly type: "logged-out" }
  | { readonly type: "walked"; readonly steps: number }
  | { readonly type: "reported"; readonly command: Extract<MapCommand, { type: "report" }> }
  /** A command on the map was accepted, and there is nothing more to say about it. */
  | { readonly type: "accepted" }
  | { readonly type: "bought"; readonly command: Extract<MapCommand, { type: "buy" }> }
  | { readonly type: "game-event"; readonly event: GameEvent }
  | {
      readonly type: "refused";
      readonly command: Command;
      readonly refusal: Refusal;
      readonly retryAfterMs?: number;
      readonly explained?: Explained;
      /** The game's own word for a refusal of one of its commands. */
      readonly word?: string;
      /** Whether the connection that the screen needs is gone. */
      readonly isOutside: boolean;
    }
  /** A connection ended, and this page did not close it. */
  | { readonly type: "ended"; readonly reason: EndReason; readonly explained?: Explained };

export interface Step {
  readonly state: State;
  readonly commands: readonly Command[];
}

/** The time and a random number from 0 to 1. */
export interface Moment {
  readonly nowMs: number;
  readonly random: number;
}

export interface Initial extends Pick<State, "language" | "accountName"> {
  /** The form that a letter leads to, with its code. */
  readonly letter?: TitleScreen | null;
}

/** Reads what follows the `#` in the address of the page, like `reset=CODE`. Null if that is from no letter. */
export function readLetter(hash: string): TitleScreen | null {
  const [, form, code] = /^#?(reset|confirm)=([\w-]{1,64})$/.exec(hash) ?? [];
  return code === undefined ? null : { at: "title", form: form === "reset" ? "reset" : "confirm", code };
}

export const initialState = ({ language, accountName, letter = null }: Initial): State => ({
  language,
  accountName,
  screen: letter ?? { at: "title", form: accountName === "" ? "register" : "log-in" },
  busy: null,
  notice: null,
  returning: null,
});
