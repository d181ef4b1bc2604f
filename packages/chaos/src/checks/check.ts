import type { History } from "../history/history.ts";

/** What did not hold, where to look for it, and from when until when. */
export interface Violation {
  readonly check: string;
  readonly what: string;
  readonly about: { readonly charId?: number; readonly account?: string };
  readonly fromMs: number;
  readonly toMs: number;
}

/** Knows one rule, and nothing of how servers keep it. */
export interface Check {
  readonly name: string;
  /** Of what it found to judge; a check that saw nothing has shown nothing. */
  readonly saw: number;
  readonly violations: readonly Violation[];
}

export type Checker = (history: History) => Check;
