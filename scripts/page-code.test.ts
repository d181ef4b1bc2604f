import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { packageFolders } from "./packages.mjs";

/*
 * Pages show code only from files that tests run. So every block of code is a part of a file in `test/example`
 * or `test/page` of a package, word for word.
 */

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), "utf8");

function filesIn(folder: string, ends: RegExp): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => ends.test(path))
    .map((path) => join(folder, path));
}

/** A test takes the program from this page and runs it, because it is for the root of a clone. */
const programs = new Map([["README.md", "packages/cli/test/up.integration.test.ts"]]);

const pages = [
  ...["README.md", "CONTRIBUTING.md"],
  ...filesIn("docs", /\.md$/),
  ...packageFolders.map((folder) => `${folder}/README.md`),
];
const examples = packageFolders
  .flatMap((folder) => [`${folder}/test/example`, `${folder}/test/page`])
  .flatMap((folder) => filesIn(folder, /\.(js|ts)$/))
  .map(read);

interface Block {
  readonly page: string;
  readonly language: string;
  readonly code: string;
}

const blocks = pages.flatMap((page): Block[] =>
  [...read(page).matchAll(/^[ \t]*```([\w-]+)[^\n]*\n(.*?)^[ \t]*```$/gms)].map(
    ([, language = "", code = ""]) => ({ page, language, code }),
  ),
);
const isCode = ({ language }: Block): boolean => /^([cm]?[jt]sx?|javascript|typescript)$/.test(language);

test("pages show code only from files that tests run", () => {
  const code = blocks.filter(isCode);
  expect(new Set(code.map(({ page }) => page))).toEqual(
    new Set([
      ...["README.md", "docs/front-protocols.md", "docs/games.md", "docs/tutorial.md"],
      "packages/sdk/README.md",
    ]),
  );
  const others = code.filter(
    (block) => !programs.has(block.page) && !examples.some((example) => example.includes(block.code)),
  );
  expect(others).toEqual([]);
});

test("a test takes the one program of the root's README from there", () => {
  for (const [page, of] of programs) {
    expect(blocks.filter((block) => block.page === page && isCode(block))).toHaveLength(1);
    expect(read(of)).toContain(`readFileSync(new URL("${page}", root), "utf8")`);
  }
});
