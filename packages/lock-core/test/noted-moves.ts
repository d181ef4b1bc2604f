import type { AccountOwner, accountOwnerTable } from "../src/index.ts";

/** The table, which notes each move in `seen`, and throws if a move leads where it does not say. */
export function noting(table: typeof accountOwnerTable, seen: Set<string>): typeof accountOwnerTable {
  const rows = Object.entries(table).map(([state, row]) => {
    const cells = Object.entries(row as Row).map(([type, cell]) => {
      if (typeof cell === "string") return [type, cell];
      const step = (...given: [never, never, never]): Step => {
        const decision = cell.step(...given);
        const to = decision.ok ? decision.next.state : decision.refusal;
        seen.add(`${state} × ${type} → ${to}`);
        if (decision.ok && !cell.to.includes(to)) throw new Error(`undeclared: ${state} × ${type} → ${to}`);
        return decision;
      };
      return [type, { ...cell, step }];
    });
    return [state, Object.fromEntries(cells)];
  });
  return Object.fromEntries(rows);
}

/** The moves that a table declares, as `noting` notes them. */
export const declaredBy = (table: typeof accountOwnerTable): readonly string[] =>
  Object.entries(table).flatMap(([state, row]) =>
    Object.entries(row as Row).flatMap(([type, cell]) =>
      typeof cell === "string" ? [] : cell.to.map((to) => `${state} × ${type} → ${to}`),
    ),
  );

type Step =
  | { readonly ok: true; readonly next: AccountOwner }
  | { readonly ok: false; readonly refusal: string };
interface Row {
  readonly [type: string]:
    | string
    | { readonly to: readonly string[]; step(...given: [never, never, never]): Step };
}
