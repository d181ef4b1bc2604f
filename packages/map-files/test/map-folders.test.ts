import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, onTestFinished, test } from "vitest";
import { checkMaps, loadMaps, MapsInvalid } from "../src/index.ts";

function folderOf(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-maps-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, contents] of Object.entries(files)) writeFileSync(join(folder, name), contents);
  return folder;
}

const plain = (name: string, ...more: string[]) =>
  [`name: ${name}`, "size: 9x9", "spawn: 2,2", ...more].join("\n");

describe("loading maps", () => {
  test("takes all map files of all folders, and leaves other files alone", async () => {
    const one = folderOf({ "a.map": plain("a", "warp: 3,3 -> b:1,1"), "notes.txt": "not a map" });
    const two = folderOf({ "b.map": plain("b") });
    expect([...(await loadMaps([one, two].join(delimiter))).keys()]).toEqual(["a", "b"]);
  });

  test("leads warps to the middle of a cell, in the units of a map with reported movement", async () => {
    const folder = folderOf({
      "a.map": plain("a", "warp: 3,3 -> b:1,2", "warp: 4,3 -> a:1,2"),
      "b.map": plain("b", "movement: reported unitsPerCell=32 greatestSpeed=320"),
    });
    const map = (await loadMaps(folder)).get("a");
    const to = { map: "b", x: 48, y: 80 };
    expect(map?.warps.map((warp) => warp.to)).toEqual([to, { map: "a", x: 1, y: 2 }]);
    expect(map?.warpAt(3, 3)?.to).toEqual(to);
  });

  test("refuses a map that is too large for its units", async () => {
    const movement = "movement: reported unitsPerCell=7282 greatestSpeed=320";
    const loading = loadMaps(folderOf({ "a.map": plain("a", movement) }));
    await expect(loading).rejects.toThrow(
      /is 65538 units wide or high, more than 65535; lower "unitsPerCell"$/,
    );
  });

  test("reads a file that begins with the mark of some editors", async () => {
    expect([...(await loadMaps(folderOf({ "a.map": `\uFEFF${plain("a")}` }))).keys()]).toEqual(["a"]);
  });

  test("reports the problems of all files together, each with its file", async () => {
    const folder = folderOf({
      "a.map": plain("a", "warp: 99,3 -> b:1,1", "object: npc Mara 9,9"),
      "b.map": plain("b", "warp: 3,3 -> nowhere:1,1"),
      "c.map": plain("C"),
    });
    const error: unknown = await loadMaps(folder).catch((failed: unknown) => failed);
    expect(error).toBeInstanceOf(MapsInvalid);
    expect((error as Error).message.split("\n").map((line) => line.slice(folder.length + 1))).toEqual([
      'a.map:5: the npc "Mara" 9,9 is outside (9x9)',
      "a.map:4: the warp 99,3 is outside (9x9)",
      expect.stringContaining("c.map:1: a map name is"),
    ]);
  });

  test.each([
    ["no folder", () => join(folderOf({}), "none"), /^cannot read the maps folder .*: ENOENT$/],
    ["no map files", () => folderOf({ "a.txt": "" }), /^no \.map.* files in /],
  ])("is refused when there is %s", async (_, folder, problem) => {
    await expect(loadMaps(folder())).rejects.toThrow(problem);
  });

  test("is refused when a packed file of cells unpacks to more than a file may have", async () => {
    const packed = gzipSync(new Uint8Array((64 << 20) + 1));
    const folder = folderOf({ "a.map": "name: a\ncells: a.gat.gz\nspawn: 1,1", "a.gat.gz": packed });
    await expect(loadMaps(folder)).rejects.toThrow(
      'a.map:2: "a.gat.gz" cannot be read (ERR_BUFFER_TOO_LARGE)',
    );
  });
});

describe("checking maps", () => {
  test("of one file reports that file, and knows the other maps in its folder", async () => {
    const folder = folderOf({
      "a.map": plain("a", "warp: 3,3 -> b:1,1"),
      "b.map": plain("b", "warp: 3,3 -> nowhere:1,1"),
    });
    const read = async (file: string) =>
      (await checkMaps([join(folder, file)])).map(({ problems }) => problems);
    expect(await read("a.map")).toEqual([[]]);
    expect(await read("b.map")).toEqual([
      [`${join(folder, "b.map")}: the warp 3,3 leads to nowhere:1,1, but there is no map nowhere`],
    ]);
  });

  test("of a folder reports its files in order, with their maps", async () => {
    const folder = folderOf({ "b.map": plain("b"), "a.map": plain("a") });
    const files = await checkMaps([`${folder}/`]);
    expect(files.map(({ source, map }) => [source, map?.name])).toEqual([
      [join(folder, "a.map"), "a"],
      [join(folder, "b.map"), "b"],
    ]);
  });

  test("is refused for a path that is no map", async () => {
    const folder = folderOf({ "a.map": plain("a"), "a.txt": "" });
    await expect(checkMaps([join(folder, "a.txt")])).rejects.toThrow("expected a file that ends with .map");
    await expect(checkMaps([join(folder, "z.map")])).rejects.toThrow("cannot be read (ENOENT)");
  });
});
