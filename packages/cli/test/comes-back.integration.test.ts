import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { enter, walkEast } from "./player.ts";
import { SmallCluster } from "./small-cluster.ts";

/* These tests kill or freeze real processes while a player is in the world. */

let cluster: SmallCluster;

beforeAll(async () => {
  cluster = await SmallCluster.open({ MAP_AUTOSAVE_SECONDS: "1" });
});
afterEach(() => cluster.kill());
afterAll(() => cluster.close());

test("a player plays on while a char-server and a login-server are killed and started again", async () => {
  const { login, char, map, client, again } = await cluster.start();
  const game = await enter(client);
  await walkEast(game, 2);
  await char.kill();
  await walkEast(game, 1);
  const nextChar = again("char");
  await nextChar.untilSays(/"accounts":1,"lost":0.*account locks reclaimed/);
  await map.untilSays(/"characters":1,"lost":0.*character locks reclaimed/);
  await walkEast(game, 1);
  await login.kill();
  await walkEast(game, 1);
  again("login");
  await nextChar.untilSays(/login-server.*link lost[\s\S]*linked again/);
  const there = await walkEast(game, 1);
  expect((await game.leave()).ok).toBe(true);
  expect((await enter(client)).position).toMatchObject(there);
});

test("after a map-server is killed and started again, its player is back at once where it was last saved", async () => {
  const { map, char, client, again } = await cluster.start();
  const game = await enter(client);
  const { position } = game;
  await map.kill();
  expect((await game.closed).reason).toBe("disconnected");
  const next = again("map");
  await next.untilSays(/map-server ready/);
  await char.untilSays(/map-server is back/);
  // The map-server reclaimed no player, so the char-server has freed the lock of this player.
  await char.untilSays(/"peer":"map-1".*told a map-server that it lost a lock/);
  expect((await enter(client)).position).toEqual(position);
});

test("a map-server that was frozen for longer than its timer drops all players when it wakes, and comes back", async () => {
  const { map, char, client } = await cluster.start({
    TIMER_LEASE_MS: "1000",
    TIMER_RECONNECT_MS: "4000",
    TIMER_RECLAIM_MS: "4000",
  });
  const game = await enter(client);
  map.signal("SIGSTOP");
  // This line can also be in the log once before the hand-over. So the test waits until it comes after the
  // hand-over.
  await char.untilSays(
    /"msg":"character handed over"[\s\S]*server did not come back in time; its locks are free/,
  );
  map.signal("SIGCONT");
  expect((await game.closed).reason).toBe("cluster-link-lost");
  await map.untilSays(/without a link for too long; disconnecting all clients/);
  await map.untilSays(
    /"msg":"playing"[\s\S]*the other server does not know this server's cookie; beginning without locks[\s\S]*"msg":"linked"/,
  );
  const back = await enter(client);
  expect((await back.leave()).ok).toBe(true);
});
