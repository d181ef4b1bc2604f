import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { chooseMaps, loadMaps, MapsInvalid } from "@sallyport/map-files";
import { readSettings } from "@sallyport/server-kit";
import { expect, onTestFinished, test } from "vitest";
import { mapSettings, sampleMapsFolder } from "../src/index.ts";

test("a map-server hosts only the maps that it is set to, even if their warps lead to others", async () => {
  const maps = await loadMaps(sampleMapsFolder);
  expect([...maps.keys()]).toEqual(["forest", "harbour", "lighthouse", "tavern"]);
  expect([...chooseMaps(maps, ["harbour"])]).toEqual([["harbour", maps.get("harbour")]]);
});

test("a map-server that is set to host an unknown map does not start", async () => {
  const maps = await loadMaps(sampleMapsFolder);
  expect(() => chooseMaps(maps, ["harbour", "harbor"])).toThrow(MapsInvalid);
  expect(() => chooseMaps(maps, ["harbor"])).toThrow("there is no map harbor");
});

test("maps of older clients are loaded, linked and hosted by names that begin with a digit or hold an @", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-maps-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const field = Uint8Array.from([8, 0, 8, 0, ...new Array(64).fill(1)]);
  writeFileSync(join(folder, "1@cata.fld2.gz"), gzipSync(field));
  writeFileSync(
    join(folder, "1@cata.map"),
    "name: 1@cata\ncells: 1@cata.fld2.gz\nspawn: 2,2\nwarp: 6,6 -> 06guild_r:2,2\n",
  );
  writeFileSync(join(folder, "06guild_r.map"), "name: 06guild_r\nsize: 8x8\nspawn: 2,2\n");
  const { hosted } = readSettings({ hosted: mapSettings.hosted }, { MAPS_HOSTED: "1@cata,06guild_r" });
  const chosen = chooseMaps(await loadMaps(folder), hosted ?? []);
  expect([...chosen.keys()]).toEqual(["1@cata", "06guild_r"]);
});
