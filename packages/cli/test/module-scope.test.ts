import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { moduleScope } from "../src/game/module-scope.ts";
import { GameFolder } from "./game-module.ts";

const folder = new GameFolder();
afterAll(() => folder.remove());

test("a file is an ES module by the nearest package.json, or by its name", async () => {
  expect(await moduleScope(folder.write("a/b/game.ts", ""))).toEqual({ ok: true, folder: folder.path });
  folder.write("c/package.json", "{}");
  const c = join(folder.path, "c");
  expect(await moduleScope(join(c, "game.mts"))).toEqual({ ok: true, folder: c });
  expect(await moduleScope(join(c, "game.mjs"))).toEqual({ ok: true, folder: c });
});

test("the problem of any other file says what to do", async () => {
  const manifest = folder.write("c/package.json", "{}");
  const game = join(folder.path, "c/deep/game.ts");
  const renamed = join(folder.path, "c/deep/game.mts");
  const beside = `put "type": "module" into ${manifest}, or name it ${renamed}`;
  expect(await moduleScope(game)).toEqual({ ok: false, problem: `${game} is no ES module: ${beside}` });
  const never = join(folder.path, "game.cts");
  const other = `${never} is no ES module: name it ${join(folder.path, "game.mts")}`;
  expect(await moduleScope(never)).toEqual({ ok: false, problem: other });
  const broken = folder.write("d/package.json", "{");
  expect(await moduleScope(join(folder.path, "d/game.ts"))).toEqual({
    ok: false,
    problem: `${broken} is not valid JSON`,
  });
  expect(await moduleScope("/game.ts")).toEqual({
    ok: false,
    problem: '/game.ts is no ES module: put {"type":"module"} into /package.json, or name it /game.mts',
  });
});
