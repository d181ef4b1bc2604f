import type { Database } from "@sallyport/database";
import type { FactStore } from "../facts.ts";
import { type BoardStore, createBoardStore } from "./board-store.ts";
import { createEntryStore, type EntryStore } from "./entry-store.ts";
import { createFactStore } from "./fact-store.ts";
import { createProofStore, type ProofStore } from "./proof-store.ts";
import { createUserStore, type UserStore } from "./user-store.ts";

/** How much one user may store. */
export interface StoreBounds {
  /** Entries of one user on one leaderboard that nobody has verified. */
  readonly unverifiedMax: number;
  /** Bytes of all proofs of one user. */
  readonly proofBytesMax: number;
}

/**
 * The tables of the schema `resource`. Each change is one statement, and is on disk when its method resolves. All
 * methods may throw `Unavailable`; then it is unknown whether something changed.
 */
export interface ResourceStore {
  readonly facts: FactStore;
  readonly boards: BoardStore;
  readonly entries: EntryStore;
  readonly proofs: ProofStore;
  readonly users: UserStore;
}

export const createResourceStore = (database: Database, bounds: StoreBounds): ResourceStore => ({
  facts: createFactStore(database),
  boards: createBoardStore(database),
  entries: createEntryStore(database, bounds.unverifiedMax),
  proofs: createProofStore(database, bounds.proofBytesMax),
  users: createUserStore(database),
});
