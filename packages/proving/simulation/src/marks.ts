import { charToLogin, charToMap, loginToChar, mapToChar } from "@sallyport/cluster-protocol";
import { charDoorMessages, loginDoorMessages, mapDoorMessages } from "@sallyport/dialects/native";
import { lockKindOf } from "@sallyport/lock-core";
import type { MessageTable } from "@sallyport/wire";
import type { Fact } from "./facts.ts";
import { allCells, type CellName, ownerTables } from "./lock-tables.ts";

/**
 * Marks are events that a run of many seeds must reach. Otherwise the run proves little. There are two kinds:
 * all moves of the tables of locks and of their owners, and all refusals of locks, doors and links. Most
 * marks come from the tables. `exempt.ts` holds the exceptions.
 */

const tables: readonly MessageTable[] = [
  loginDoorMessages,
  charDoorMessages,
  mapDoorMessages,
  charToLogin,
  loginToChar,
  mapToChar,
  charToMap,
];

const isOwner = (kind: string): boolean => kind in ownerTables;
const subjectOf = (kind: string): string => (isOwner(kind) ? kind : `${kind} lock`);
const moved = ({ kind, state, command }: CellName): string => `${subjectOf(kind)}: ${command} while ${state}`;
const lockRefused = (kind: string, refusal: string): string => `${subjectOf(kind)}: refused ${refusal}`;
const refused = (message: string, refusal: string): string => `${message}: refused ${refusal}`;

/**
 * These refusals come from the code of a move, or from the store because of the time. They are no cells of a
 * table.
 */
const decidedByMoves = {
  account: ["stale-fence", "too-late", "ids-differ", "held-elsewhere", "not-due"],
  character: ["too-late", "ids-differ", "stale-fence"],
  server: ["cookie-wrong", "too-late"],
} as const;

function wantedMarks(): readonly string[] {
  const cells = allCells().flatMap(({ cell, ...name }) => {
    if (typeof cell !== "string") return [moved(name)];
    // An owner refuses only events that come too late to mean anything.
    return isOwner(name.kind) ? [] : [lockRefused(name.kind, cell)];
  });
  const byMoves = Object.entries(decidedByMoves).flatMap(([kind, words]) =>
    words.map((word) => lockRefused(kind, word)),
  );
  const messages = tables.flatMap((table) =>
    Object.entries(table).flatMap(([name, { refusals = [] }]) =>
      refusals.map((refusal) => refused(name, refusal)),
    ),
  );
  return [...new Set([...cells, ...byMoves, ...messages])];
}

export class Marks {
  readonly #counts = new Map<string, number>();

  readonly decided = (cell: CellName, refusal: string | null): void =>
    this.#count(refusal === null ? moved(cell) : lockRefused(cell.kind, refusal));

  readonly saw = (fact: Fact): void => {
    if (fact.type === "answered" && fact.refusal !== null)
      this.#count(refused(fact.request.type, fact.refusal));
    if (fact.type === "lock-untimely")
      this.#count(lockRefused(lockKindOf(fact.key), fact.when === "due" ? "not-due" : "too-late"));
  };

  countOf(mark: string): number {
    return this.#counts.get(mark) ?? 0;
  }

  missing(): readonly string[] {
    return wantedMarks().filter((mark) => this.countOf(mark) === 0);
  }

  #count(mark: string): void {
    this.#counts.set(mark, this.countOf(mark) + 1);
  }
}
