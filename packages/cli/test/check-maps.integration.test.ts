import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { sampleMapsFolder } from "@sallyport/map-server";
import { expect, onTestFinished, test } from "vitest";
import { startProcess } from "./server-process.ts";

async function check(...args: readonly string[]) {
  const ran = startProcess(["map", "check", ...args], {});
  const code = await ran.untilEnded();
  return { code, said: ran.output };
}

const tiledMap = fileURLToPath(new URL("../../map-files/samples/inn.tmj", import.meta.url));

test("checks files and folders together, and describes and draws each map", async () => {
  const { code, said } = await check("--draw", tiledMap, sampleMapsFolder);
  expect(said).toContain(
    `${tiledMap}: inn 12x10, walked, 81 floors, 2 warps, 3 objects (npc 1, zone 1, chest 1)\n############\n`,
  );
  expect(said).toContain(`${join(sampleMapsFolder, "harbour.map")}: harbour `);
  expect(said).toContain("# wall  . floor  > warp  @ spawn  * object");
  expect(code).toBe(0);
});

test("ends with exit code 1 and one line for each problem", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-maps-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "a.map"), "name: a\nsize: 9x9\nspawn: 9,2\nwarp: 1,1\n");
  writeFileSync(join(folder, "b.tmj"), "{}");
  const { code, said } = await check(folder);
  expect(said).toContain(
    `${join(folder, "a.map")}:4: expected a warp like 12,30 -> forest:5,6, found "1,1"\n`,
  );
  expect(said).toContain(`${join(folder, "b.tmj")}: "orientation" is missing\n`);
  expect(code).toBe(1);
});

test("ends with exit code 1 if a path cannot be read", async () => {
  const { code, said } = await check("/nowhere/at-all");
  expect(said).toBe("sallyport: /nowhere/at-all: cannot be read (ENOENT)\n");
  expect(code).toBe(1);
});
