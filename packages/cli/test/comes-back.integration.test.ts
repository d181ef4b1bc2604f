import { type RunningRedis, startRedis, type TestDatabase, testDatabase } from "@sallyport/testkit";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { clientAt, enter, walkEast } from "./player.ts";
import { build, ServerProcess } from "./server-process.ts";

/* Real processes that are killed, or stopped in the middle, under somebody who plays. */

let redis: RunningRedis;
let database: TestDatabase;
const started: ServerProcess[] = [];

beforeAll(async () => {
  build();
  redis = await startRedis();
  database = await testDatabase();
});
afterEach(async () => {
  for (const server of started.splice(0)) await server.kill();
});
afterAll(async () => {
  await database.drop();
  await redis.stop();
});

function run(name: "login" | "char" | "map", environment: Record<string, string>): ServerProcess {
  const server = new ServerProcess([name], {
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    CHAR_SERVERS: "alpha:secret",
    CHAR_PASSWORD: "secret",
    LOGIN_PORT: "0",
    LOGIN_LINK_PORT: "0",
    CHAR_PORT: "0",
    CHAR_LINK_PORT: "0",
    MAP_PORT: "0",
    MAP_AUTOSAVE_SECONDS: "1",
    ...environment,
  });
  started.push(server);
  return server;
}

const portAfter = async (server: ServerProcess, name: string): Promise<string> =>
  (await server.untilSays(new RegExp(`"${name}":\\{"host":"127\\.0\\.0\\.1","port":(\\d+)\\}`)))[1] ?? "";

async function cluster(environment: Record<string, string> = {}) {
  const login = run("login", environment);
  const LOGIN_LINK_PORT = await portAfter(login, "charServers");
  const toLogin = { ...environment, LOGIN_LINK: `127.0.0.1:${LOGIN_LINK_PORT}` };
  const char = run("char", toLogin);
  const CHAR_LINK_PORT = await portAfter(char, "mapServers");
  const CHAR_PORT = await portAfter(char, "clients");
  const toChar = { ...environment, CHAR_LINK: `127.0.0.1:${CHAR_LINK_PORT}` };
  const map = run("map", toChar);
  await map.untilSays(/map-server ready/);
  const LOGIN_PORT = await portAfter(login, "clients");
  return {
    login,
    char,
    map,
    client: clientAt(Number(LOGIN_PORT)),
    again: {
      login: () => run("login", { ...environment, LOGIN_LINK_PORT, LOGIN_PORT }),
      char: () => run("char", { ...toLogin, CHAR_LINK_PORT, CHAR_PORT }),
      map: () => run("map", toChar),
    },
  };
}

test("a char-server and a login-server are killed and started again under a player, who goes on", async () => {
  const { login, char, map, client, again } = await cluster();
  const game = await enter(client);
  await walkEast(game, 2);
  await char.kill();
  await walkEast(game, 1);
  const nextChar = again.char();
  await nextChar.untilSays(/"accounts":1,"lost":0.*account locks reclaimed/);
  await map.untilSays(/"characters":1,"lost":0.*character locks reclaimed/);
  await walkEast(game, 1);
  await login.kill();
  await walkEast(game, 1);
  again.login();
  await nextChar.untilSays(/login-server.*link lost[\s\S]*linked again/);
  const there = await walkEast(game, 1);
  expect((await game.leave()).ok).toBe(true);
  expect((await enter(client)).position).toMatchObject(there);
});

test("a map-server is killed and started again, and its player is back at once where it was last saved", async () => {
  const { map, char, client, again } = await cluster();
  const game = await enter(client);
  const { position } = game;
  await map.kill();
  expect((await game.closed).reason).toBe("disconnected");
  const next = again.map();
  await next.untilSays(/map-server ready/);
  await char.untilSays(/map-server is back/);
  // It has said that it knows of nobody.
  await char.untilSays(/"mapServer":"map-1".*told that it lost the lock/);
  expect((await enter(client)).position).toEqual(position);
});

test("a map-server that was stopped for longer than its timer lets go of everybody when it wakes, and comes back", async () => {
  const { map, char, client } = await cluster({
    TIMER_LEASE_MS: "500",
    TIMER_RECONNECT_MS: "1500",
    TIMER_RECLAIM_MS: "1500",
  });
  const game = await enter(client);
  map.signal("SIGSTOP");
  await char.untilSays(/did not come back in time; what it held is free/);
  map.signal("SIGCONT");
  expect((await game.closed).reason).toBe("cluster-link-lost");
  await map.untilSays(/not linked for too long; what was held is lost/);
  await map.untilSays(/the cookie is not known any more; beginning anew[\s\S]*"msg":"linked"/);
  const back = await enter(client);
  expect((await back.leave()).ok).toBe(true);
});
