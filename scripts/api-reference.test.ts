import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "sallyport-api-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** TypeDoc warns if a class or a function that a program can import has no docstring. */
test("the API reference is built without a warning, and has a page for each class", async () => {
  const build = "scripts/api-reference/build.mjs";
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [build, folder]);
  expect(stdout + stderr).not.toMatch(/warning|error/);
  expect(readdirSync(join(folder, "modules"))).toEqual([
    "_sallyport_game.html",
    "_sallyport_game_testing.html",
    "_sallyport_sdk_browser.html",
    "_sallyport_sdk_node.html",
  ]);
  expect(readdirSync(join(folder, "classes"))).toEqual(
    expect.arrayContaining(
      ["Client", "CharacterSelect", "Game"].map((of) => `_sallyport_sdk_node.${of}.html`),
    ),
  );
  const page = readFileSync(join(folder, "functions/_sallyport_game.defineGame.html"), "utf8");
  expect(page).toContain("defineGame");
});
