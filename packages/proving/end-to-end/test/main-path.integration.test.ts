import { must } from "@sallyport/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { spawn, TestCluster } from "./cluster/test-cluster.ts";

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await TestCluster.start();
});
afterAll(() => cluster.stop());

test("a client registers, logs in, chooses, enters, walks, leaves, and comes back to where it was", async () => {
  const account = await cluster.account();
  const client = cluster.client();
  must(await client.logIn(account));
  const select = must(await client.enterWorld(cluster.charAddress));
  const [character] = select.characters;
  expect(character).toMatchObject({ slot: 0, name: account.name, position: spawn });

  const game = must(await select.choose(character?.charId as never));
  expect(game.position).toEqual(spawn);
  const arrived = new Promise<void>((resolve) => {
    game.on((event) => {
      if (event.type === "actor.moved" && event.x === spawn.x + 2) resolve();
    });
  });
  must(await game.walk(spawn.x + 2, spawn.y));
  await arrived;
  must(await game.leave());

  const back = cluster.client();
  must(await back.logIn({ ...account, way: "raw" }));
  const again = must(await back.enterWorld(cluster.charAddress));
  expect(again.characters[0]?.position).toEqual({ ...spawn, x: spawn.x + 2 });
  again.leave();
  await cluster.untilFree(back.ticket as never);
});
