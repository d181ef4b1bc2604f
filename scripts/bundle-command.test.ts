import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { bundleProgram, writeCommand } from "./bundle-command.mjs";

let parent: string;
let project: string;
const write = (file: string, text: string): void => writeFileSync(join(project, file), text);
const bundle = (folder = project) => bundleProgram(join(folder, "src/main.mjs"), join(folder, "bundle"));
const run = (folder: string): string =>
  execFileSync(process.execPath, [join(folder, "bundle/main.js")], { encoding: "utf8" });

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "sallyport-bundle-"));
  project = join(parent, "project");
  mkdirSync(join(project, "src/deep"), { recursive: true });
  mkdirSync(join(project, "bundle"));
  write("src/main.mjs", 'import { said } from "./deep/said.mjs";\nprocess.stdout.write(said());\n');
  write(
    "src/deep/said.mjs",
    'import { readFileSync } from "node:fs";\n' +
      'export const said = () => readFileSync(new URL("said.txt", import.meta.url), "utf8");\n',
  );
  write("src/deep/said.txt", "hello");
});
afterEach(() => rmSync(parent, { recursive: true }));

test("a bundled program finds the files beside its modules, also after the project was moved", async () => {
  await bundle();
  expect(run(project)).toBe("hello");
  const moved = join(parent, "moved");
  cpSync(project, moved, { recursive: true });
  rmSync(project, { recursive: true });
  expect(run(moved)).toBe("hello");
});

test("the bundle is made anew if one of its modules has changed, and only then", async () => {
  await bundle();
  const state = () => {
    const folder = join(project, "bundle");
    return readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]);
  };
  const first = state();
  write("bundle/main.js", "process.stdout.write('the bundle of before')");
  await bundle();
  expect(run(project)).toBe("the bundle of before");
  write("src/deep/said.mjs", 'export const said = () => "changed";\n');
  await bundle();
  expect([run(project), state().length]).toEqual(["changed", first.length]);
});

test("a copy of the project has a bundle of its own, also while the project is still there", async () => {
  await bundle();
  const copy = join(parent, "copy");
  cpSync(project, copy, { recursive: true, preserveTimestamps: true });
  writeFileSync(join(copy, "src/deep/said.mjs"), 'export const said = () => "changed";\n');
  await bundle(copy);
  expect([run(copy), run(project)]).toEqual(["changed", "hello"]);
});

/** Node takes this for its own version. */
const withVersion = (node: string): string =>
  `data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"${node}"}})`;

/** The bundle of this command is one that no Node can read. */
const unreadable = "this is no JavaScript";

test.each([
  { node: "18.20.8", isTooOld: true },
  { node: "20.9.0", isTooOld: true },
  { node: "20.19.0", isTooOld: false },
  { node: "26.0.0", isTooOld: false },
])("a Node that is too old is told so in one line, before it reads the bundle: $node", (row) => {
  for (const file of ["package.json", "node-version.mjs"])
    cpSync(fileURLToPath(new URL(`../packages/cli/${file}`, import.meta.url)), join(project, file));
  mkdirSync(join(project, "dist/bundle"), { recursive: true });
  write("dist/bundle/main.js", unreadable);
  writeCommand(join(project, "dist"));
  const { status, stderr } = spawnSync(
    process.execPath,
    ["--import", withVersion(row.node), join(project, "dist/sallyport.js")],
    { encoding: "utf8" },
  );
  const line = `Sallyport needs Node 20.19.0 or newer; this is ${row.node} (${process.execPath}).\n`;
  expect({ status, told: stderr === line, read: stderr.includes(unreadable) }).toEqual({
    status: 1,
    told: row.isTooOld,
    read: !row.isTooOld,
  });
});
