import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { SmallCluster } from "./small-cluster.ts";

let cluster: SmallCluster;
beforeAll(async () => {
  cluster = await SmallCluster.open();
});
beforeEach(() => cluster.redis.kill());
afterEach(() => cluster.kill());
afterAll(() => cluster.close());

const waits = /"why":"cannot use Redis at REDIS_URL unix:.*"msg":"a store does not answer yet; trying again"/;

test("a server that starts before Redis waits for it, and becomes ready when Redis answers", async () => {
  const login = cluster.run("login");
  await login.untilSays(waits);
  await cluster.redis.start();
  await login.untilSays(/login-server ready/);
});

test("a server whose Postgres does not answer in time ends, and names the setting", async () => {
  const settings = { DATABASE_URL: "postgres://me:secret@127.0.0.1:1/none", START_WITHIN_MS: "5000" };
  const char = cluster.run("char", settings);
  expect(await char.untilEnded()).toBe(1);
  expect(char.output).toMatch(
    /"why":"cannot use Postgres at DATABASE_URL postgres:\/\/me@127\.0\.0\.1:1\/none/,
  );
  expect(char.output).toMatch(
    /^sallyport: cannot use Postgres at DATABASE_URL .*\(not available within START_WITHIN_MS, 5000 ms\)$/m,
  );
  expect(char.output).not.toContain("secret@");
});

test.each([
  ["gateway", []],
  ["login", ["--workers", "2"]],
] as const)("a %s %j that waits for a store ends with exit code 0 at a signal", async (name, args) => {
  const server = cluster.run(name, { GATEWAY_MAP_PORT: "0" }, args);
  await server.untilSays(waits);
  server.signal("SIGTERM");
  expect(await server.untilEnded()).toBe(0);
  expect(server.output).toMatch(/^stopped$/m);
  expect(server.output).not.toMatch(/stopping failed|ended before it could serve/);
});
