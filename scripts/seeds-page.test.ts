import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

/*
 * The tables of docs/seeds.md name tests in three ways: by file and title, by a short name of the file and title,
 * and by title alone. *short* is `a/file.test.ts` gives a short name in the text of a section. A title alone is of
 * the file before it in its cell, or else of the first file that the text names, or the beginning of the page.
 */

const root = fileURLToPath(new URL("..", import.meta.url));
const text = readFileSync(join(root, "docs/seeds.md"), "utf8");
const [beginning = "", ...sections] = text.split(/^## /m);
const isRow = (line: string): boolean => line.startsWith("|");

const proseOf = (section: string): string =>
  section
    .split("\n")
    .filter((line) => !isRow(line))
    .join(" ");
const firstFile = (prose: string): string | undefined => /`([\w./-]+\.test\.ts)`/.exec(prose)?.[1];
const usual = firstFile(beginning) ?? "";

interface Named {
  readonly title: string;
  readonly file: string | undefined;
}

/** The tests that the last column of a table names, where that column is one of tests. */
function namedIn(section: string): readonly Named[] {
  const prose = proseOf(section);
  const files = new Map(
    [...prose.matchAll(/\*([\w ]+)\* is\s+`([\w./-]+)`/g)].map(([, as, file]) => [as, file]),
  );
  const introduction = proseOf(section.split("\n|")[0] ?? "");
  const own = /without a file/.test(introduction) ? firstFile(introduction) : usual;
  let isOfTests = false;
  return section.split("\n").flatMap((line, index, lines) => {
    if (!isRow(line)) return [];
    const last = line.split(" | ").at(-1) ?? "";
    if (!isRow(lines[index - 1] ?? "")) isOfTests = /^test \|$/.test(last);
    if (!isOfTests) return [];
    let named = own;
    const found = last.matchAll(/(?:(?:`([\w./-]+\.test\.ts)`|\*([\w ]+)\*)\s+›\s+)?"([^"]+)"/g);
    return [...found].map(([, file, short, title = ""]) => {
      named = file ?? (short === undefined ? named : files.get(short));
      return { title, file: named };
    });
  });
}

test("every test that a table of the seeds names exists, in the file that it names", () => {
  const named = sections.flatMap(namedIn);
  const missing = named.filter(
    ({ file, title }) =>
      file === undefined ||
      !existsSync(join(root, file)) ||
      !readFileSync(join(root, file), "utf8").includes(title),
  );
  expect(missing).toEqual([]);
  expect(named.length).toBeGreaterThan(100);
});

test("every link of the page leads to a file, which contains the name that the link shows as code", () => {
  const wrong = [...text.matchAll(/\[([^\]]+)\]\(([^)#]+)(?:#[^)]*)?\)/g)].filter(
    ([, shown = "", to = ""]) => {
      const file = join(root, "docs", to);
      if (!existsSync(file)) return true;
      const names = [...shown.matchAll(/`(\w+)`/g)].map(([, name = ""]) => name);
      const source = names.length === 0 ? "" : readFileSync(file, "utf8");
      return !names.every((name) => new RegExp(`\\b${name}\\b`).test(source));
    },
  );
  expect(wrong.map(([link]) => link)).toEqual([]);
});
