import type { AtStore } from "../src/index.ts";
import { describe } from "./trace-fields.ts";

interface Typed {
  readonly type: string;
}
type Decided<State> =
  | { readonly ok: true; readonly next: State; readonly effects: readonly Typed[] }
  | { readonly ok: false; readonly refusal: string };

/** A lock or an owner, as a trace shows it. Returns the lines of the answer to a command or an event. */
export type Traced = (command: Typed, at: TraceFacts) => readonly string[];

/** A decision gets the facts that it needs from these. `nowMs` is the time since the trace began. */
export interface TraceFacts extends AtStore {
  readonly isLinked: boolean;
}

/** Keeps the state after each command for the next one. */
export function traced<State extends { readonly state: string }, Command extends Typed>(
  initial: (nowMs: number) => State,
  decide: (state: State, command: Command, at: TraceFacts) => Decided<State>,
): Traced {
  let present = initial(0);
  return (command, at) => {
    const { nowMs } = at;
    if (command.type === "anew") {
      present = initial(nowMs);
      return [stateLine(present, nowMs)];
    }
    // A text has no types. A field that is missing or wrong shows in the answer.
    const decided = decide(present, command as Command, at);
    if (!decided.ok) return [refusalLine(decided.refusal)];
    present = decided.next;
    return [stateLine(present, nowMs), ...decided.effects.map((effect) => effectLine(effect, nowMs))];
  };
}

export const refusalLine = (refusal: string): string => `  -> refused: ${refusal}`;

export const stateLine = ({ state, ...of }: { readonly state: string }, nowMs: number): string =>
  `  -> ${[state, ...describe(of, nowMs)].join(" ")}`;

export const effectLine = ({ type, ...of }: Typed, nowMs: number): string =>
  `     ${[type, ...describe(of, nowMs)].join(" ")}`;
