import { type SallyportProcess, until } from "@sallyport/testkit";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { enter, select, walkEast } from "./player.ts";
import { build, startProcess } from "./server-process.ts";
import { portAfter, SmallCluster } from "./small-cluster.ts";

/* What an operator changes by commands, while the players of it play. */

let cluster: SmallCluster;
beforeAll(build);
beforeEach(async () => {
  cluster = await SmallCluster.open();
});
afterEach(() => cluster.close());

/** Runs commands against the admin port of this server. */
function commandsFor(server: SallyportProcess) {
  return async (...args: readonly string[]) => {
    const at = { ADMIN_PORT: String(await portAfter(server, "admin")) };
    const ran = startProcess(args, at);
    return { code: await ran.untilEnded(), said: ran.output };
  };
}

test("a character that plays is renamed and moved after its player was saved and has left", async () => {
  const { char, client } = await cluster.start();
  const command = commandsFor(char);
  const game = await enter(client);
  const { x, y } = await walkEast(game, 2);
  expect(await command("character", "rename", "walker", "Wilma", "--as", "nobody")).toMatchObject({
    code: 2,
  });
  const renamed = await command("character", "rename", "walker", "Wilma");
  expect(renamed).toMatchObject({
    code: 0,
    said: expect.stringMatching(/^Character #\d+ is called Wilma now/),
  });
  await game.closed;
  const atSelect = await select(client);
  expect(atSelect.characters).toMatchObject([{ name: "Wilma", position: { x, y } }]);
  atSelect.leave();

  const before = await command("character", "move", "Wilma", "harbour", "5", "6");
  expect(before).toMatchObject({ code: 0, said: expect.stringContaining("is on harbour now") });
  const refused = await command("character", "move", "Wilma", "nowhere", "5", "6");
  expect(refused).toMatchObject({
    code: 1,
    said: expect.stringContaining("no linked map-server has this map"),
  });
  const unsure = await command("character", "delete", "Wilma");
  expect(unsure).toMatchObject({ code: 2, said: expect.stringContaining("--yes") });
  expect(await command("character", "delete", "Wilma", "--yes")).toMatchObject({ code: 0 });
  expect((await command("character", "show", "Wilma")).code).toBe(1);
  const rows = [
    /character rename +walker .*outcome done/,
    /character move +walker .*outcome done/,
    /character delete +walker .*outcome done/,
  ];
  const isNoted = async () => {
    const { said } = await command("log", "walker");
    return rows.every((row) => row.test(said));
  };
  await until(isNoted, { what: "the trail has all changes" });
});
