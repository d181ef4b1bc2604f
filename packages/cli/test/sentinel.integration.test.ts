import {
  freePorts,
  type RunningPostgres,
  type RunningSentinels,
  startPostgres,
  startRedisSentinels,
  TestAuthority,
  until,
} from "@sallyport/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { enter, walkEast } from "./player.ts";
import { adminHeaders } from "./server-process.ts";
import { portAfter, StartedServers } from "./started-servers.ts";

let authority: TestAuthority;
let sentinels: RunningSentinels;
let postgres: RunningPostgres;
let servers: StartedServers;

beforeAll(async () => {
  authority = new TestAuthority();
  const certificate = authority.issue("localhost", "127.0.0.1");
  const [port = 0] = await freePorts(1);
  [sentinels, postgres] = await Promise.all([
    startRedisSentinels({ tls: { certificate, ca: authority.certificate } }),
    startPostgres({ secured: { port, certificate } }),
  ]);
  const { certFile } = authority.certificate;
  servers = new StartedServers(() => ({
    REDIS_URL: sentinels.url,
    REDIS_CA: certFile,
    DATABASE_URL: `postgres://postgres@localhost:${port}/postgres`,
    DATABASE_CA: certFile,
    ADMIN_PORT: "0",
  }));
});
afterAll(async () => {
  await servers.kill();
  await Promise.all([sentinels.stop(), postgres.stop()]);
  authority.remove();
});

test("servers reach Redis by Sentinels and stores by TLS, and players play on and log in after the master dies", async () => {
  const { login, char, map, client, newClient } = await servers.start();
  const game = await enter(client, "walker_1");
  await walkEast(game, 1);

  await sentinels.failOver();
  const other = await until(() => enter(newClient(), "walker_2"), {
    what: "a client logs in at the new master",
  });
  await walkEast(game, 1);
  await walkEast(other, 1);
  // The directory uses the same Redis, so it must also work again.
  const admin = `http://127.0.0.1:${await portAfter(login, "admin")}`;
  const listed = async () => {
    const { servers: up } = (await (await fetch(`${admin}/servers`, { headers: adminHeaders() })).json()) as {
      servers: { name: string }[];
    };
    return up.map(({ name }) => name).sort();
  };
  await until(async () => (await listed()).join() === "alpha,login-1,map-1", {
    what: "all servers are listed",
  });
  await game.leave();
  await other.leave();
  for (const server of [login, char, map]) expect(server.output).not.toContain("of-the-");
});

test("an untrusted certificate, an unknown master name, and a Sentinel used as a Redis are reported with the setting", async () => {
  const stranger = new TestAuthority("stranger");
  const login = servers.run("login", { REDIS_CA: stranger.certificate.certFile });
  expect(await login.untilEnded()).toBe(1);
  expect(login.output).toMatch(
    /cannot use Redis at REDIS_URL rediss\+sentinel:\/\/\*\*\*@[\d.:,]+\/main: .*certificate/,
  );
  const unnamed = { REDIS_URL: sentinels.url.replace("/main?", "/other?"), START_WITHIN_MS: "0" };
  const nobody = servers.run("login", unnamed);
  expect(await nobody.untilEnded()).toBe(1);
  expect(nobody.output).toMatch(/cannot use Redis .*: the Sentinel at [\d.:]+ has no master named other/);
  const [, sentinel = "", password = ""] = /@([\d.:]+),.*sentinel_password=(.*)$/.exec(sentinels.url) ?? [];
  const direct = servers.run("login", { REDIS_URL: `rediss://:${password}@${sentinel}` });
  expect(await direct.untilEnded()).toBe(1);
  expect(direct.output).toContain("REDIS_URL names a Sentinel, which stores no data: use redis+sentinel://");
  const other = servers.run("login", { DATABASE_CA: stranger.certificate.certFile });
  expect(await other.untilEnded()).toBe(1);
  expect(other.output).toMatch(/cannot use Postgres at DATABASE_URL .*certificate/);
  stranger.remove();
});
