import type { AuditRow, Entry, Fact, StoredScore } from "./fact.ts";

/** All events, in the order in which they were seen. */
export class History {
  readonly facts: Fact[] = [];
  audit: readonly AuditRow[] = [];
  /** The scores that a char-server stored, and the entries that a resource-server made of them. */
  scores: readonly StoredScore[] = [];
  entries: readonly Entry[] = [];
  /** What authors have written. */
  written: readonly string[] = [];

  readonly saw = (fact: Fact): void => {
    this.facts.push(fact);
  };

  of<T extends Fact["type"]>(type: T): Extract<Fact, { type: T }>[] {
    return this.facts.filter((fact): fact is Extract<Fact, { type: T }> => fact.type === type);
  }
}
