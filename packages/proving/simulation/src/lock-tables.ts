import {
  accountLockTable,
  accountOwnerTable,
  characterLockTable,
  characterOwnerTable,
  serverLinkTable,
  serverLockTable,
} from "@sallyport/lock-core";

/*
 * The rules of locks and of their owners are tables. The functions here record which cells of those tables
 * are used, and replace a cell to plant a fault.
 */

type Decided =
  | { readonly ok: true; readonly next: { readonly state: string } }
  | { readonly ok: false; readonly refusal: string };
export interface Move {
  readonly to: readonly string[];
  step(lock: never, command: never, at: never): Decided;
}
export type Cell = string | Move;
type Table = { readonly [state: string]: { readonly [command: string]: Cell } };

export const lockTables = {
  account: accountLockTable as unknown as Table,
  character: characterLockTable as unknown as Table,
  server: serverLockTable as unknown as Table,
};
/** What servers know of the locks that they own. */
export const ownerTables = {
  "character owner": characterOwnerTable as unknown as Table,
  "server link": serverLinkTable as unknown as Table,
  "account owner": accountOwnerTable as unknown as Table,
};
const allTables = { ...lockTables, ...ownerTables };
export type TableKind = keyof typeof allTables;

export interface CellName {
  readonly kind: TableKind;
  readonly state: string;
  readonly command: string;
}

export function allCells(): readonly (CellName & { readonly cell: Cell })[] {
  return Object.entries(allTables).flatMap(([kind, table]) =>
    Object.entries(table).flatMap(([state, row]) =>
      Object.entries(row).map(([command, cell]) => ({ kind: kind as TableKind, state, command, cell })),
    ),
  );
}

/** Replaces a cell. Returns a function that restores the original cell. */
export function putCell({ kind, state, command }: CellName, cell: Cell, used?: () => void): () => void {
  const row = allTables[kind][state];
  if (row === undefined || !(command in row)) throw new Error(`no cell ${kind} ${state} ${command}`);
  const before = Object.getOwnPropertyDescriptor(row, command) as PropertyDescriptor;
  Object.defineProperty(row, command, {
    configurable: true,
    enumerable: true,
    get: () => {
      used?.();
      return cell;
    },
  });
  return () => Object.defineProperty(row, command, before);
}

/**
 * Reports every decision, until the returned function is called. If `refusal` is null, the lock was changed.
 */
export function watchDecisions(decided: (cell: CellName, refusal: string | null) => void): () => void {
  const restore = allCells().map(({ cell, ...name }) => {
    if (typeof cell === "string") return putCell(name, cell, () => decided(name, cell));
    const watched: Move = {
      ...cell,
      step: (lock, command, at) => {
        const decision = cell.step(lock, command, at);
        decided(name, decision.ok ? null : decision.refusal);
        return decision;
      },
    };
    return putCell(name, watched);
  });
  return () => {
    for (const put of restore.reverse()) put();
  };
}
