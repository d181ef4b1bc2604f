import type { Outcome } from "./outcome.ts";

/**
 * The commands, answers and events of a door. A dialect translates between these and bytes, so the server
 * behind the door does not know what kind of client it serves.
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

export const commonRefusals = ["unavailable", "busy", "out-of-order"] as const;
export type CommonRefusal = (typeof commonRefusals)[number];

export type AnswerTo<D extends DoorVocabulary, N extends CommandName<D>> = Outcome<
  D["commands"][N]["gives"],
  D["commands"][N]["refusals"] | CommonRefusal
>;
