import { accountDurations, accountLockTable } from "./account-lock.ts";
import { characterDurations, characterLockTable } from "./character-lock-table.ts";
import { accountOwnerTable } from "./owners/account-owner-table.ts";
import { characterOwnerTable } from "./owners/character-owner-table.ts";
import { serverLinkTable } from "./owners/server-link-table.ts";
import { serverLockTable } from "./server-lock.ts";

type Cell =
  | string
  | {
      readonly to: readonly string[];
      readonly restarts?: true;
      readonly when?: { readonly is: string; readonly otherwise: string };
    };
type AnyTable = { readonly [state: string]: { readonly [command: string]: Cell } };
type AnyDurations = { readonly [state: string]: string | null };

/** A lock has durations here if the store keeps its deadline. The other tables have null. */
const tables: readonly (readonly [string, AnyTable, AnyDurations | null])[] = [
  ["Account lock", accountLockTable, accountDurations],
  ["Character lock", characterLockTable, characterDurations],
  ["Server lock", serverLockTable, null],
  ["Server link, at the server that connects", serverLinkTable, null],
  ["Login of an account, at its char-server", accountOwnerTable, null],
  ["Character, at its map-server", characterOwnerTable, null],
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

function cellText(cell: Cell | undefined): string {
  if (cell === undefined || typeof cell === "string") return cell ?? "";
  const move = `→ **${cell.to.join("**, **")}**${cell.restarts ? ", time restarts" : ""}`;
  return cell.when === undefined ? move : `${cell.when.is}: ${move}, else ${cell.when.otherwise}`;
}

function matrix(table: AnyTable, durations: AnyDurations | null): string[] {
  const states = Object.keys(table);
  const commands = Object.keys(Object.values(table)[0] ?? {});
  const row = (head: string, cells: readonly string[]): string => `| ${head} | ${cells.join(" | ")} |`;
  const durationOf = (state: string): string => (durations?.[state] ? `\`${durations[state]}\`` : "");
  return [
    row("command", states),
    `| --- |${" --- |".repeat(states.length)}`,
    ...(durations === null ? [] : [row("*lasts*", states.map(durationOf))]),
    ...commands.map((command) =>
      row(
        `\`${command}\``,
        states.map((state) => cellText(table[state]?.[command])),
      ),
    ),
  ];
}

/** Returns all tables as Markdown. Each one has a diagram of its moves and a table of its refusals. */
export function lockDiagrams(): string {
  return tables
    .flatMap(([title, table, durations]) => [
      ...[`## ${title}`, ""],
      ...[...diagram(table), "", ...matrix(table, durations), ""],
    ])
    .join("\n");
}
