/**
 * Returns the table with cells that note each move in `seen`. A move throws if its cell does not declare the
 * next state.
 */
export function noting<Table extends object>(table: Table, seen: Set<string>): Table {
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
  return Object.fromEntries(rows) as Table;
}

/** Returns the moves that a table declares, in the form in which `noting` notes them. */
export const declaredBy = (table: object): readonly string[] =>
  Object.entries(table).flatMap(([state, row]) =>
    Object.entries(row as Row).flatMap(([type, cell]) =>
      typeof cell === "string" ? [] : cell.to.map((to) => `${state} × ${type} → ${to}`),
    ),
  );

type Step =
  | { readonly ok: true; readonly next: { readonly state: string } }
  | { readonly ok: false; readonly refusal: string };
interface Row {
  readonly [type: string]:
    | string
    | { readonly to: readonly string[]; step(...given: [never, never, never]): Step };
}
