import type { EndReason, NameKind, Refusal } from "@sallyport/sdk";
import type { LogLine } from "./map-screen.ts";
import type { Verb } from "./pictures.ts";
import type { News, TitleForm } from "./state.ts";
import type { Direction } from "./surroundings.ts";

/** All texts of the page in one language. The compiler finds a text that a language lacks. */
export interface Texts {
  readonly title: string;
  readonly subtitle: string;
  readonly language: string;
  /** The heading and the button of each form. */
  readonly forms: Readonly<Record<TitleForm, string>>;
  /** What leads to each form. */
  readonly toForm: Readonly<Record<TitleForm, string>>;
  readonly name: string;
  readonly nameOrEmail: string;
  readonly email: string;
  readonly emailHint: string;
  readonly invitation: string;
  readonly invitationHint: string;
  readonly code: string;
  readonly newPassword: string;
  readonly nameHint: string;
  readonly password: string;
  readonly passwordHint: string;
  readonly sex: string;
  readonly female: string;
  readonly male: string;
  readonly chooseWorld: string;
  readonly players: (count: number) => string;
  readonly characters: string;
  readonly noCharacters: string;
  readonly play: (name: string) => string;
  readonly remove: (name: string) => string;
  readonly removeForGood: (name: string) => string;
  readonly removeYes: string;
  readonly removeNo: string;
  readonly newCharacter: string;
  readonly characterName: string;
  readonly create: string;
  readonly slotsFull: string;
  readonly logOut: string;
  readonly toCharacters: string;
  readonly map: string;
  readonly mapHelp: string;
  readonly lookAround: string;
  readonly chat: string;
  readonly chatLabel: string;
  readonly say: string;
  readonly things: string;
  readonly use: Readonly<Record<Verb, (name: string) => string>>;
  readonly next: string;
  readonly close: string;
  readonly shopOf: (name: string) => string;
  readonly price: (price: number) => string;
  readonly amountOf: (name: string) => string;
  readonly buy: (name: string) => string;
  readonly belongings: string;
  readonly empty: string;
  /** The name of a key that the game shows of a character. The same key if the page does not know it. */
  readonly keyName: (key: string) => string;
  /** What the value of such a key means. */
  readonly meaning: (key: string, value: string) => string;
  readonly itemName: (item: string) => string;
  readonly useItem: (name: string) => string;
  readonly unknownEvents: string;
  readonly nobodyNear: string;
  readonly near: (names: readonly string[]) => string;
  readonly place: (map: string, x: number, y: number) => string;
  readonly working: string;
  readonly proving: string;
  readonly lost: (reason: string) => string;
  readonly nextTry: (attempt: number, seconds: number) => string;
  readonly trying: (attempt: number) => string;
  readonly tryNow: string;
  readonly giveUp: string;
  readonly takenOver: string;
  readonly ended: string;
  readonly lastTry: (refusal: string) => string;
  readonly playHere: string;
  readonly news: Readonly<Record<News, (name: string) => string>>;
  /** `about` says whose name was refused, if a name was. */
  readonly refusal: (code: Refusal | EndReason, about?: NameKind) => string;
  /** Milliseconds since 1970. Null: the ban has no end. */
  readonly banEnds: (untilMs: number | null) => string;
  readonly operatorSays: (text: string) => string;
  readonly directions: Readonly<Record<Direction, string>>;
  readonly line: (line: LogLine) => string;
}
