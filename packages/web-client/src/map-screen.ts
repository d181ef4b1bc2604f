import type { Cell, CharId, DialogueAnswer, MapEntered, Position, Purchase } from "@sallyport/domain";
import type { Actor, Refusal } from "@sallyport/sdk";
import type { Shown } from "./belongings.ts";
import { placeOf } from "./cells.ts";
import type { Conversation } from "./conversation.ts";
import type { HarbourEvent, UseCommand } from "./harbour.ts";
import { type Motion, standing } from "./motion.ts";
import { type Surroundings, surroundingsOf } from "./surroundings.ts";

/** Another actor, as it is drawn. */
export interface Seen extends Actor {
  readonly motion: Motion;
}

export interface MapScreen {
  readonly at: "map";
  readonly place: MapEntered;
  /** In the units of the map. */
  readonly position: Position;
  readonly motion: Motion;
  /** Null if the server walks the player. */
  readonly reporting: Reporting | null;
  readonly actors: ReadonlyMap<CharId, Seen>;
  readonly log: readonly LogLine[];
  /** The newest line of each speaker. */
  readonly speech: ReadonlyMap<CharId, Speech>;
  /** The direction of the keys that the player holds. */
  readonly heading: Heading | null;
  /** The position to which the player asked to walk. Null if the player stands, as far as the page knows. */
  readonly target: Cell | null;
  /** The actor to which the player walks, to click on it or to take it. */
  readonly approach: CharId | null;
  readonly conversation: Conversation | null;
  /** What the game shows of the own character. */
  readonly character: Shown;
  /** The events of the game that the page does not know: how many of each name there were. */
  readonly unknownEvents: ReadonlyMap<string, number>;
}

/** The own movement, where the page reports it. */
export interface Reporting {
  /** The position, with parts of units. */
  readonly exact: Cell;
  /** The position that the server has. */
  readonly accepted: Cell;
  /** Whether a report is under way. */
  readonly isAsked: boolean;
  /** The time of the last stride. */
  readonly strideMs: number;
}

export interface Speech {
  readonly text: string;
  readonly untilMs: number;
}

/** Each part is -1, 0 or 1, and not both are 0. */
export interface Heading {
  readonly dx: number;
  readonly dy: number;
}

export type LogLine = { readonly id: number } & (
  | { readonly kind: "said"; readonly name: string; readonly text: string; readonly isOwn: boolean }
  | { readonly kind: "announced"; readonly text: string; readonly from: string | null }
  | { readonly kind: "arrived"; readonly map: string }
  /** `word` is the game's own, for a refusal of one of its commands. */
  | { readonly kind: "refused"; readonly refusal: Refusal; readonly word?: string }
  | { readonly kind: "game"; readonly event: HarbourEvent }
  | { readonly kind: "bought"; readonly name: string; readonly amount: number }
  | ({ readonly kind: "surroundings" } & Surroundings)
);
type Told<Line = LogLine> = Line extends LogLine ? Omit<Line, "id"> : never;

/** What the page asks of the map-server. Nothing else waits for the answer. */
export type MapCommand =
  | { readonly type: "walk"; readonly x: number; readonly y: number }
  | { readonly type: "report"; readonly map: string; readonly x: number; readonly y: number }
  | { readonly type: "say"; readonly text: string }
  | { readonly type: "click"; readonly actor: CharId }
  | { readonly type: "take"; readonly actor: CharId }
  | { readonly type: "answer"; readonly actor: number; readonly answer: DialogueAnswer }
  | { readonly type: "buy"; readonly actor: number; readonly goods: readonly Purchase[] }
  | UseCommand;

export interface MapStep {
  readonly screen: MapScreen;
  readonly commands: readonly MapCommand[];
}

export const only = (screen: MapScreen): MapStep => ({ screen, commands: [] });

const logLinesMax = 100;

export function mapScreen(place: MapEntered): MapScreen {
  const screen: MapScreen = {
    at: "map",
    place,
    position: place.position,
    motion: standing(placeOf(place, place.position)),
    reporting: place.movement === null ? null : unreported(place.position),
    actors: new Map(),
    log: [],
    speech: new Map(),
    heading: null,
    target: null,
    approach: null,
    conversation: null,
    character: {},
    unknownEvents: new Map(),
  };
  return withLine(screen, { kind: "arrived", map: place.position.map });
}

const unreported = (at: Cell): Reporting => ({ exact: at, accepted: at, isAsked: false, strideMs: 0 });

/** The same player is on a map again, after a warp or after the connection was lost. */
export const enteredAgain = ({ log, character, unknownEvents }: MapScreen, place: MapEntered): MapScreen =>
  withLine(
    { ...mapScreen(place), log, character, unknownEvents },
    { kind: "arrived", map: place.position.map },
  );

export function withLine(screen: MapScreen, line: Told): MapScreen {
  const id = (screen.log.at(-1)?.id ?? 0) + 1;
  return { ...screen, log: [...screen.log, { id, ...line } as LogLine].slice(-logLinesMax) };
}

export const lookAround = (screen: MapScreen): MapScreen =>
  withLine(screen, { kind: "surroundings", ...surroundingsOf(screen) });
