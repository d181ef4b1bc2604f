import type { Fact } from "../facts.ts";

export interface Violation {
  readonly checker: string;
  readonly atMs: number;
  readonly what: string;
}

export type FactOf<T extends Fact["type"]> = Extract<Fact, { type: T }>;

/** What is wrong about a fact; null: the rule holds. */
export type Rules = {
  readonly [T in Fact["type"]]?: (fact: FactOf<T>, nowMs: number) => string | null;
};

/** Knows one rule and what happened, and nothing of how servers decide. */
export interface Checker {
  readonly name: string;
  readonly rules: Rules;
  /** Once nothing more will happen. */
  end?(nowMs: number): string | null;
}

export function judge({ rules }: Checker, fact: Fact, nowMs: number): string | null {
  // The rules type each for its own fact; looking one up by a name known late loses that.
  const rule = rules[fact.type] as ((fact: Fact, nowMs: number) => string | null) | undefined;
  return rule === undefined ? null : rule(fact, nowMs);
}
