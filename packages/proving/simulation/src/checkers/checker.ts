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

/** The rule of one checker for one type of fact. */
interface NamedRule {
  readonly checker: string;
  readonly holds: (fact: Fact, nowMs: number) => string | null;
}

/**
 * The rules of all checkers, by the type of fact, in the order of the checkers. Most facts concern few checkers, and
 * a seed has tens of thousands of facts.
 */
export class RuleBook {
  readonly #rules = new Map<string, NamedRule[]>();

  constructor(checkers: readonly Checker[]) {
    for (const { name: checker, rules } of checkers)
      for (const [type, rule] of Object.entries(rules)) {
        // TypeScript cannot tell that this rule belongs to facts of this type. `Rules` guarantees it.
        const named = { checker, holds: rule as NamedRule["holds"] };
        this.#rules.set(type, [...(this.#rules.get(type) ?? []), named]);
      }
  }

  /** The rules for facts of this type. */
  of(type: Fact["type"]): readonly NamedRule[] {
    return this.#rules.get(type) ?? [];
  }
}
