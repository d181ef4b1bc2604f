import { expect, test } from "vitest";
import { chooseMaps, loadMaps, MapsInvalid, sampleMapsFolder } from "../src/index.ts";

test("a map-server hosts those of the maps that it is to, although their warps lead to others", async () => {
  const maps = await loadMaps(sampleMapsFolder);
  expect([...maps.keys()]).toEqual(["forest", "harbour"]);
  expect([...chooseMaps(maps, ["harbour"])]).toEqual([["harbour", maps.get("harbour")]]);
});

test("a map-server that is to host a map which nobody has does not start", async () => {
  const maps = await loadMaps(sampleMapsFolder);
  expect(() => chooseMaps(maps, ["harbour", "harbor"])).toThrow(MapsInvalid);
  expect(() => chooseMaps(maps, ["harbor"])).toThrow("there is no map harbor");
});
