import { memoryChannelPair } from "@sallyport/link";
import { createClient } from "@sallyport/sdk";
import { must, until } from "@sallyport/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestCluster } from "./cluster/test-cluster.ts";
import { startTwoMaps } from "./cluster/two-maps.ts";

/* Clients on the same network reach servers by another address. */

let cluster: TestCluster;
let remote = "";
beforeAll(async () => {
  cluster = await startTwoMaps({
    pair: ([from, to]) => memoryChannelPair([from === "client" ? remote : from, to]),
    near: (server, port) => [
      { network: "192.168.0.0/16", host: `${server} nearby`, port, wsUrl: null, otherDoors: [] },
    ],
  });
});
afterAll(() => cluster.stop());

test.each([
  ["the same network", "192.168.7.7:5000", ["char nearby", "map-1 nearby", "map-2 nearby"]],
  ["elsewhere", "198.51.100.4:5000", ["memory", "memory", "memory"]],
])("a client of %s gets the addresses for its network at every door", async (_, from, sentTo) => {
  remote = from;
  const account = await cluster.account();
  const hosts: string[] = [];
  const client = createClient({
    connect: (address, withinMs, door) => {
      hosts.push(address.host);
      return cluster.connect(address, withinMs, door);
    },
    login: cluster.loginAddress,
  });
  const { worlds } = must(await client.logIn({ ...account, way: "raw" }));
  const [world] = worlds;
  if (world === undefined) throw new Error("no world is listed");
  const select = must(await client.enterWorld(world));
  const game = must(await select.choose(select.characters[0]?.charId as never));
  must(await game.walk(game.position.x, 1));
  await until(() => game.hops > 0, { what: "it hops" });
  must(await game.leave());
  expect(hosts).toEqual(["memory", ...sentTo]);
});
