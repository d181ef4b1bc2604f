import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundlePage } from "./bundle-page.mjs";

const parent = mkdtempSync(join(tmpdir(), "sallyport-page-"));
const folder = join(parent, "page");
let files: ReadonlyMap<string, Buffer>;
beforeAll(async () => {
  // The second build replaces the first.
  await bundlePage(folder);
  await bundlePage(folder);
  files = new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]));
});
afterAll(() => rmSync(parent, { recursive: true }));

test("the page with everything that it loads is at most 80 kB compressed", () => {
  const bytes = [...files.values()].map((file) => gzipSync(file, { level: 9 }).length);
  expect(bytes.reduce((sum, each) => sum + each, 0)).toBeLessThan(80_000);
});

test("the page and its worker share the code of argon2id, which takes most of the space", () => {
  const argon2 = [...files].filter(([, text]) => text.includes("argon2id")).map(([name]) => name);
  expect(argon2).toHaveLength(1);
});

test("the page has no schemas of a game, of which it needs only the types", () => {
  const scripts = [...files].filter(([name]) => name.endsWith(".js")).map(([, text]) => text.toString());
  expect(scripts.join("")).toContain("bag.use");
  expect(scripts.filter((text) => /ZodError|\$ZodType/.test(text))).toEqual([]);
});

test("the page tells servers the version of its package", () => {
  const manifest = readFileSync(new URL("../packages/web-client/package.json", import.meta.url), "utf8");
  const { version } = JSON.parse(manifest) as { version: string };
  const main = files.get("main.js")?.toString() ?? "";
  const [, told] = /name:["'`]sallyport-page["'`],version:["'`]([^"'`]*)["'`]/.exec(main) ?? [];
  expect(told).toBe(version);
});

test("the page loads only files of its own, and has no code or style that its policy forbids", () => {
  const html = files.get("index.html")?.toString() ?? "";
  const loaded = [...html.matchAll(/\b(?:src|href)="([^"]*)"/g)].map(([, name = ""]) => name);
  expect(loaded.toSorted()).toEqual(["icon.svg", "main.js", "style.css"]);
  expect(loaded.filter((name) => !files.has(name))).toEqual([]);
  expect(html).not.toMatch(/<style|\bstyle=|\bon\w+=|<script(?![^>]*\bsrc=)/);
  const names = [...files]
    .filter(([name]) => name.endsWith(".js"))
    .flatMap(([, text]) =>
      [...text.toString().matchAll(/\bfrom"([^"]+)"|import\("([^"]+)"\)/g)].map(
        ([, one, two]) => one ?? two ?? "",
      ),
    );
  expect(names.filter((name) => !files.has(name.replace("./", "")))).toEqual([]);
  expect(files.get("style.css")?.toString()).not.toMatch(/@import|url\(/);
});
