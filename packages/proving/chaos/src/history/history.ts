import type { AuditRow, Fact } from "./fact.ts";

/** All events, in the order in which they were seen. */
export class History {
  readonly facts: Fact[] = [];
  audit: readonly AuditRow[] = [];

  readonly saw = (fact: Fact): void => {
    this.facts.push(fact);
  };

  of<T extends Fact["type"]>(type: T): Extract<Fact, { type: T }>[] {
    return this.facts.filter((fact): fact is Extract<Fact, { type: T }> => fact.type === type);
  }
}
