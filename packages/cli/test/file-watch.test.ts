import { renameSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "@sallyport/clock";
import { until } from "@sallyport/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FileWatch } from "../src/game/file-watch.ts";
import { GameFolder } from "./game-module.ts";

let folder: GameFolder;
let watch: FileWatch;
let changes: number;
const failures: unknown[] = [];

beforeEach(() => {
  folder = new GameFolder();
  changes = 0;
  failures.length = 0;
  watch = new FileWatch(
    systemClock,
    () => {
      changes += 1;
    },
    (error) => failures.push(error),
  );
});
afterEach(() => {
  watch.stop();
  folder.remove();
});

const untilChanges = (count: number) => until(() => changes >= count, { what: `${count} changes` });

test("a file is watched on after an editor has replaced it", async () => {
  const file = folder.write("game.ts", "1");
  watch.watch({ files: new Set([file]), andTheirFolders: false });
  for (const round of [1, 2]) {
    renameSync(folder.write(".game.ts.swp", "2"), file);
    await untilChanges(round);
  }
  folder.write("game.ts", "3");
  await untilChanges(3);
});

test("other files count only if the whole folder does", async () => {
  const files = new Set([folder.write("game.ts", "1"), folder.write("deep/other.ts", "1")]);
  watch.watch({ files, andTheirFolders: false });
  let seen = 0;
  const witness = new FileWatch(
    systemClock,
    () => (seen += 1),
    (error) => failures.push(error),
  );
  witness.watch({ files, andTheirFolders: true });
  folder.write("missing.ts", "1");
  await until(() => seen === 1, { what: "the witness sees the file" });
  expect(changes).toBe(0);
  folder.write("deep/missing.ts", "1");
  await until(() => seen === 2, { what: "the witness sees the file in the other folder" });
  expect(changes).toBe(0);
  witness.stop();
  watch.watch({ files, andTheirFolders: true });
  folder.write("deep/missing.ts", "2");
  await untilChanges(1);
});

test("a folder that cannot be watched is reported, and the others are watched", async () => {
  const file = folder.write("game.ts", "1");
  watch.watch({ files: new Set([join(folder.path, "gone/a.ts"), file]), andTheirFolders: false });
  expect(failures).toHaveLength(1);
  folder.write("game.ts", "2");
  await untilChanges(1);
});
