import type { Outcome } from "./outcome.ts";

/**
 * What may be said at a door. A dialect translates bytes into these commands and these answers and events into
 * bytes; the servers behind it never know which client they serve.
 */
export interface DoorVocabulary {
  readonly commands: {
    readonly [name: string]: { readonly takes: object; readonly gives: object; readonly refusals: string };
  };
  readonly events: { readonly [name: string]: object };
}

export type CommandName<D extends DoorVocabulary> = keyof D["commands"] & string;
export type EventName<D extends DoorVocabulary> = keyof D["events"] & string;

export type CommandOf<D extends DoorVocabulary, N extends CommandName<D> = CommandName<D>> = {
  [K in N]: { readonly type: K } & D["commands"][K]["takes"];
}[N];

export type EventOf<D extends DoorVocabulary, N extends EventName<D> = EventName<D>> = {
  [K in N]: { readonly type: K } & D["events"][K];
}[N];

/** Refusals that any command may meet. */
export const commonRefusals = ["unavailable", "busy", "out-of-order"] as const;
export type CommonRefusal = (typeof commonRefusals)[number];

export type AnswerTo<D extends DoorVocabulary, N extends CommandName<D>> = Outcome<
  D["commands"][N]["gives"],
  D["commands"][N]["refusals"] | CommonRefusal
>;
