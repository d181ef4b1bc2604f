import type { History } from "../history/history.ts";

/** A broken rule: a description, where to look for it, and the time from start to end. */
export interface Violation {
  readonly check: string;
  readonly what: string;
  readonly about: { readonly charId?: number; readonly account?: string };
  readonly fromMs: number;
  readonly toMs: number;
}

/** Judges one rule, and knows nothing of how servers keep it. */
export interface Check {
  readonly name: string;
  /** How many cases the check judged; a check that saw none has shown nothing. */
  readonly saw: number;
  readonly violations: readonly Violation[];
}

export type Checker = (history: History) => Check;
