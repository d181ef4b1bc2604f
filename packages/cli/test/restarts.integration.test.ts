import { must } from "@sallyport/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { clientAt, enter, select, walkEast } from "./player.ts";
import { SmallCluster } from "./small-cluster.ts";

let cluster: SmallCluster;

beforeEach(async () => {
  cluster = await SmallCluster.open();
});
afterEach(() => cluster.close());

/** These timers are long, so that even a busy machine restarts a server in time. */
const settings = { TIMER_RECONNECT_MS: "60000", TIMER_RECLAIM_MS: "60000", MAP_AUTOSAVE_SECONDS: "1" };

const names = ["walker_1", "walker_2", "walker_3", "walker_4"];

/** Puts players into the world. They walk until the test stops them. */
async function walkers(newClient: () => ReturnType<typeof clientAt>) {
  const games = await Promise.all(names.map((name) => enter(newClient(), name)));
  const ended: string[] = [];
  for (const { closed } of games) void closed.then(({ reason }) => ended.push(reason));
  let isOver = false;
  const walks = games.map(async (game) => {
    while (!isOver) {
      await walkEast(game, 2);
      await walkEast(game, -2);
    }
    return walkEast(game, 3);
  });
  return {
    ended,
    standStill: () => {
      isOver = true;
      return Promise.all(walks);
    },
    /** Lets all players leave and enter again, and checks that each is where it was. */
    async leaveAndReturn(): Promise<void> {
      const positions = games.map(({ position }) => position);
      for (const game of games) must(await game.leave());
      for (const [index, name] of names.entries()) {
        const game = await enter(newClient(), name);
        expect(game.position).toEqual(positions[index]);
      }
    },
  };
}

test("a char-server and then a login-server are restarted: no player on a map notices, and nothing is lost", async () => {
  const { login, char, map, newClient, again } = await cluster.start(settings);
  const walking = await walkers(newClient);
  const choosing = await select(newClient(), "chooser");

  char.signal("SIGTERM");
  expect(await char.untilEnded()).toBe(0);
  expect((await choosing.closed).reason).toBe("server-stopping");
  const nextChar = again("char");
  await nextChar.untilSays(/"accounts":4,"lost":0.*account locks reclaimed/);
  await map.untilSays(/"characters":4,"lost":0.*character locks reclaimed/);
  // The locks of `chooser` are free, so this login waits for no client and no timer.
  expect((await select(newClient(), "chooser")).characters).toEqual([]);

  login.signal("SIGTERM");
  expect(await login.untilEnded()).toBe(0);
  const nextLogin = again("login");
  await nextLogin.untilSays(/char-server is back/);
  await nextChar.untilSays(/login-server.*link lost[\s\S]*linked again/);

  await walking.standStill();
  expect(walking.ended).toEqual([]);
  await walking.leaveAndReturn();
  for (const server of [nextChar, nextLogin, map])
    expect(server.output).not.toMatch(/told a map-server that it lost a lock|dropped without saving/);
});

test("all servers stop at once, the login-server first: all players are saved, and return to where they were", async () => {
  // Autosaves are rare here. So changes would be lost if the stop saved nothing.
  const { login, char, map, newClient, again } = await cluster.start({
    ...settings,
    MAP_AUTOSAVE_SECONDS: "600",
  });
  const walking = await walkers(newClient);
  const positions = await walking.standStill();
  const all = [login, char, map];
  for (const server of all) server.signal("SIGTERM");
  for (const server of all) expect(await server.untilEnded()).toBe(0);
  expect(walking.ended).toEqual(names.map(() => "server-stopping"));
  again("login");
  const [nextChar, nextMap] = [again("char"), again("map")];
  await Promise.all([nextChar.untilSays(/char-server ready/), nextMap.untilSays(/map-server ready/)]);
  for (const [index, name] of names.entries()) {
    expect((await enter(newClient(), name)).position).toMatchObject(positions[index] ?? {});
  }
});

describe("a char-server", () => {
  test("that stops with an empty world leaves for good: another server may take its name at once", async () => {
    const { login, char, newClient, again } = await cluster.start(settings);
    await select(newClient(), "chooser");
    char.signal("SIGTERM");
    expect(await char.untilEnded()).toBe(0);
    await login.untilSays(/"char-server left"/);
    await again("char").untilSays(/"msg":"linked"/);
  });

  test("that stops at SIGINT first saves and disconnects all players", async () => {
    const { login, char, newClient, again } = await cluster.start(settings);
    const game = await enter(newClient());
    const there = await walkEast(game, 2);
    char.signal("SIGINT");
    expect((await game.closed).reason).toBe("server-stopping");
    expect(await char.untilEnded()).toBe(0);
    await login.untilSays(/"char-server left"/);
    await again("char").untilSays(/map-server is back|map-server linked/);
    expect((await enter(newClient())).position).toMatchObject(there);
  });
});
