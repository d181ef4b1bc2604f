import type { Deed, Screen, State } from "../state.ts";
import type { Texts } from "../texts.ts";

/** One screen of the page. It exists from the moment when the screen appears until another one replaces it. */
export interface View {
  readonly element: HTMLElement;
  /** The element that gets the focus when the screen appears. */
  readonly focus: HTMLElement;
  show(state: State): void;
  /** Called when another screen replaces this one. */
  close?(): void;
}

export interface Stage {
  readonly texts: Texts;
  readonly do: (deed: Deed) => void;
}

export type ScreenAt<At extends Screen["at"]> = Extract<Screen, { readonly at: At }>;
