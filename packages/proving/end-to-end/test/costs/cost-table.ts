import { readFileSync } from "node:fs";
import { expect } from "vitest";

/*
 * The expected numbers are in `costs.txt`. A test counts costs, and its counts must equal the numbers in the
 * file.
 */

type Row = Readonly<Record<string, number>>;

const path = new URL("costs.txt", import.meta.url);

/**
 * Fails unless that section of the file has these numbers. The failure shows the numbers to write into the
 * file.
 */
export function expectCosts(title: string, rows: Readonly<Record<string, Row>>): void {
  expect(render(title, rows)).toBe(sectionOf(readFileSync(path, "utf8"), title));
}

/** Returns the first number of each row of a section of the file. */
export function writtenCosts(title: string): Readonly<Record<string, number>> {
  const [, , ...rows] = sectionOf(readFileSync(path, "utf8"), title).trimEnd().split("\n");
  return Object.fromEntries(
    rows.map((row) => {
      const [, name = "", count] = /^(.*?) +(\d+)/.exec(row) ?? [];
      return [name, Number(count)];
    }),
  );
}

/** Renders a section as text. The first row determines the columns. */
function render(title: string, rows: Readonly<Record<string, Row>>): string {
  const names = Object.keys(rows);
  const columns = Object.keys(Object.values(rows)[0] ?? {});
  const nameWidth = Math.max(...names.map(({ length }) => length));
  const line = (name: string, cells: readonly string[]): string =>
    name.padEnd(nameWidth) +
    cells.map((cell, nth) => cell.padStart((columns[nth]?.length ?? 0) + 3)).join("");
  const counts = Object.entries(rows).map(([name, row]) =>
    line(
      name,
      columns.map((column) => `${row[column]}`),
    ),
  );
  return [heading(title), line("", columns), ...counts, ""].join("\n");
}

const heading = (title: string): string => `## ${title}`;

/** Returns the section with its heading; empty if the text does not have it. */
function sectionOf(text: string, title: string): string {
  const from = text.indexOf(`${heading(title)}\n`);
  if (from < 0) return "";
  const to = text.indexOf("\n## ", from);
  return `${(to < 0 ? text.slice(from) : text.slice(from, to)).trimEnd()}\n`;
}
