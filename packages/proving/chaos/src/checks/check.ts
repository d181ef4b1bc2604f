import type { History } from "../history/history.ts";

/** A broken rule: what was found, about which player, and from when to when. */
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
