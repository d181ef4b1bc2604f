import { migrate } from "@sallyport/database";
import { must, type RunningPostgres, startPostgres, until } from "@sallyport/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Gate } from "./cluster/gate.ts";
import { choose, play, rowOf, ticketOf, walk } from "./cluster/player.ts";
import { spawn, TestCluster } from "./cluster/test-cluster.ts";

/* While players play, Postgres goes down and comes back with all acknowledged data. */

const gate = new Gate();
let postgres: RunningPostgres;
let cluster: TestCluster;
let savesTried = 0;
beforeEach(async () => {
  postgres = await startPostgres();
  const database = await postgres.createDatabase();
  await migrate(database.url);
  savesTried = 0;
  cluster = await TestCluster.start({
    database,
    autosaveMs: 100,
    around: (what, run) => {
      if (what === "character-save-many") savesTried += 1;
      return gate.around(what, run);
    },
  });
});
afterEach(async () => {
  await cluster.stop();
  await postgres.stop();
});

const xOf = async (charId: Parameters<typeof rowOf>[1]): Promise<number> => (await rowOf(cluster, charId)).x;

test("while Postgres is down, players play on and are saved when it is back, and no client is admitted", async () => {
  const accounts = [await cluster.account(), await cluster.account()] as const;
  const player = await play(cluster, accounts[0]);
  await walk(player, { x: 2 });
  await until(async () => (await xOf(player.game.charId)) === spawn.x + 2, { what: "the player is saved" });
  await postgres.kill();
  await walk(player, { x: 3 });
  expect(await cluster.client().logIn({ ...accounts[1], way: "raw" })).toMatchObject({
    refusal: "unavailable",
    retryAfterMs: expect.any(Number),
  });
  const before = savesTried;
  await until(() => savesTried > before + 2, { what: "saves are tried again and again" });
  await postgres.start();
  await until(async () => (await xOf(player.game.charId)) === spawn.x + 5, { what: "the player is saved" });
  const newcomer = await until(() => play(cluster, accounts[1]), { what: "the second is admitted" });
  must(await newcomer.game.leave());
  expect(player.ended()).toBeNull();
  must(await player.game.leave());
  await cluster.untilFree(ticketOf(player));
});

test("while Postgres is down, clients with login ids are told to come again, and continue with the same ids", async () => {
  const account = await cluster.account();
  const chooser = await choose(cluster, await cluster.account());
  const onTheWay = cluster.client();
  must(await onTheWay.logIn({ ...account, way: "raw" }));
  await postgres.kill();
  expect(await onTheWay.enterWorld(cluster.charAddress)).toMatchObject({
    refusal: "unavailable",
    retryAfterMs: expect.any(Number),
  });
  const chooseIt = () => chooser.select.choose(chooser.character.charId);
  expect(await chooseIt()).toMatchObject({ refusal: "unavailable", retryAfterMs: expect.any(Number) });
  expect(await chooseIt()).toMatchObject({ refusal: "unavailable" });
  await postgres.start();
  const select = await until(
    async () => {
      const entered = await onTheWay.enterWorld(cluster.charAddress);
      return entered.ok ? entered.value : null;
    },
    { what: "the same ids open the char door" },
  );
  const [character] = select.characters;
  must(await must(await select.choose(character?.charId as never)).leave());
  const game = await until(
    async () => {
      const chosen = await chooseIt();
      return chosen.ok ? chosen.value : null;
    },
    { what: "the choice is made on the same connection" },
  );
  must(await game.leave());
});

test("a client that leaves while Postgres is down is saved before it is gone, and told so", async () => {
  const account = await cluster.account();
  const player = await play(cluster, account);
  await postgres.kill();
  await walk(player, { x: 4 });
  const leaving = player.game.leave();
  const before = savesTried;
  await until(() => savesTried > before, { what: "the last save is tried" });
  await postgres.start();
  must(await leaving);
  expect(await xOf(player.game.charId)).toBe(spawn.x + 4);
  await cluster.untilFree(ticketOf(player));
});

test("while Postgres is slow with one save, other clients come and go, and the newest waiting save is stored", async () => {
  const accounts = [await cluster.account(), await cluster.account()] as const;
  const player = await play(cluster, accounts[0]);
  const slow = gate.hold("before", "character-save-many");
  await walk(player, { x: 2 });
  await slow.reached();
  await walk(player, { x: 3 });
  const { select } = await choose(cluster, accounts[1]);
  select.leave();
  slow.open();
  await until(async () => (await xOf(player.game.charId)) === spawn.x + 5, { what: "the player is saved" });
  expect(player.ended()).toBeNull();
  must(await player.game.leave());
});
