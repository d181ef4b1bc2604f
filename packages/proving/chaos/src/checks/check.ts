import type { History } from "../history/history.ts";

/** A violation of a rule: the facts, the player whom they concern, and the time. */
export interface Violation {
  readonly check: string;
  readonly what: string;
  readonly about: { readonly charId?: number; readonly account?: string };
  readonly fromMs: number;
  readonly toMs: number;
}

/** The result of checking one rule. Checks do not depend on how servers keep the rule. */
export interface Check {
  readonly name: string;
  /** Number of cases that the check judged. If it is 0, the check has shown nothing. */
  readonly saw: number;
  readonly violations: readonly Violation[];
}

export type Checker = (history: History) => Check;
