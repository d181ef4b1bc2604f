import { columns } from "@sallyport/bots";
import type { BenchReport } from "./report.ts";
import { preambleOf, remarksOn, sectionsOf } from "./sections.ts";

/** Returns the report as text for a terminal. */
export const describeReport = (report: BenchReport): string[] => [
  ...preambleOf(report),
  ...sectionsOf(report).flatMap(({ title, rows }) => ["", title, "", ...columns(rows)]),
  "",
  ...remarksOn(report),
];

/** Returns the report as Markdown, for `docs/performance.md`. */
export const markdownOf = (report: BenchReport): string[] => [
  ...preambleOf(report).flatMap((line) => [line, ""]),
  ...sectionsOf(report).flatMap(({ title, rows }) => [`### ${capital(title)}`, "", ...tableOf(rows), ""]),
  ...remarksOn(report),
];

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function tableOf([head = [], ...rows]: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.trim()).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)];
}
