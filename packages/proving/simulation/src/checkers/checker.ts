import type { Fact } from "../facts.ts";

export interface Violation {
  readonly checker: string;
  readonly atMs: number;
  readonly what: string;
}

export type FactOf<T extends Fact["type"]> = Extract<Fact, { type: T }>;

/**
 * A rule for each type of fact. It returns a text that describes the violation, or null if the rule holds.
 */
export type Rules = {
  readonly [T in Fact["type"]]?: (fact: FactOf<T>, nowMs: number) => string | null;
};

/** Checks one promise of the servers against the facts. A checker does not know how servers decide. */
export interface Checker {
  readonly name: string;
  readonly rules: Rules;
  /** Called at the end of the run, when nothing more will happen. */
  end?(nowMs: number): string | null;
}

export function judge({ rules }: Checker, fact: Fact, nowMs: number): string | null {
  // TypeScript cannot tell that this rule belongs to this fact. `Rules` guarantees it.
  const rule = rules[fact.type] as ((fact: Fact, nowMs: number) => string | null) | undefined;
  return rule === undefined ? null : rule(fact, nowMs);
}
