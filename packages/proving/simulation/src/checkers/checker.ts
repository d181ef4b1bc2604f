import type { Fact } from "../facts.ts";

export interface Violation {
  readonly checker: string;
  readonly atMs: number;
  readonly what: string;
}

export type FactOf<T extends Fact["type"]> = Extract<Fact, { type: T }>;

/** Each rule returns a text about the violation by a fact; null: the rule holds. */
export type Rules = {
  readonly [T in Fact["type"]]?: (fact: FactOf<T>, nowMs: number) => string | null;
};

/** Checks one promise against the facts, without knowing how servers decide. */
export interface Checker {
  readonly name: string;
  readonly rules: Rules;
  /** Called once nothing more will happen. */
  end?(nowMs: number): string | null;
}

export function judge({ rules }: Checker, fact: Fact, nowMs: number): string | null {
  // Indexing at run time loses the link between a rule and its fact; `Rules` guarantees it.
  const rule = rules[fact.type] as ((fact: Fact, nowMs: number) => string | null) | undefined;
  return rule === undefined ? null : rule(fact, nowMs);
}
