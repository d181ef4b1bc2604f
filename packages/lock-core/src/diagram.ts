import { accountLockTable } from "./account-lock.ts";
import { characterLockTable } from "./character-lock-table.ts";
import { serverLinkTable } from "./owners/server-link-table.ts";
import { serverLockTable } from "./server-lock.ts";

type Cell = string | { readonly to: readonly string[] };
type AnyTable = { readonly [state: string]: { readonly [command: string]: Cell } };

const tables: readonly (readonly [string, AnyTable])[] = [
  ["Account lock", accountLockTable],
  ["Character lock", characterLockTable],
  ["Server lock", serverLockTable],
  ["Server link, at the server that connects", serverLinkTable],
];

const nodeOf = (state: string): string => state.replaceAll("-", "_");

function diagram(table: AnyTable): string[] {
  const states = Object.keys(table);
  const [initial = ""] = states;
  const lines = ["```mermaid", "stateDiagram-v2"];
  for (const state of states)
    if (nodeOf(state) !== state) lines.push(`  state "${state}" as ${nodeOf(state)}`);
  lines.push(`  [*] --> ${nodeOf(initial)}`);
  for (const [state, cells] of Object.entries(table)) {
    const commandsByTarget = new Map<string, string[]>();
    for (const [command, cell] of Object.entries(cells)) {
      if (typeof cell === "string") continue;
      for (const target of cell.to) {
        commandsByTarget.set(target, [...(commandsByTarget.get(target) ?? []), command]);
      }
    }
    for (const [target, commands] of commandsByTarget) {
      lines.push(`  ${nodeOf(state)} --> ${nodeOf(target)} : ${commands.join(", ")}`);
    }
  }
  return [...lines, "```"];
}

function matrix(table: AnyTable): string[] {
  const states = Object.keys(table);
  const commands = Object.keys(Object.values(table)[0] ?? {});
  const cellText = (cell: Cell | undefined): string =>
    cell === undefined || typeof cell === "string" ? (cell ?? "") : `→ **${cell.to.join("**, **")}**`;
  return [
    `| command | ${states.join(" | ")} |`,
    `| --- |${" --- |".repeat(states.length)}`,
    ...commands.map(
      (command) =>
        `| \`${command}\` | ${states.map((state) => cellText(table[state]?.[command])).join(" | ")} |`,
    ),
  ];
}

/** All tables as Markdown: for each, a diagram of its moves and a table with all refusals. */
export function lockDiagrams(): string {
  return tables
    .flatMap(([title, table]) => [`## ${title}`, "", ...diagram(table), "", ...matrix(table), ""])
    .join("\n");
}
