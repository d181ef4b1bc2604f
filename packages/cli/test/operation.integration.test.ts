import { openDatabase } from "@sallyport/database";
import { type SallyportProcess, until } from "@sallyport/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { enter, walkEast } from "./player.ts";
import { portAfter, SmallCluster } from "./small-cluster.ts";

let cluster: SmallCluster;
const run: SmallCluster["run"] = (...of) => cluster.run(...of);

beforeEach(async () => {
  cluster = await SmallCluster.open();
});
afterEach(() => cluster.close());

async function readiness(
  server: SallyportProcess,
): Promise<{ ready: boolean; checks: Record<string, string> }> {
  const response = await fetch(`http://127.0.0.1:${await portAfter(server, "admin")}/readyz`);
  const said = (await response.json()) as { ready: boolean; checks: Record<string, string> };
  expect(response.status).toBe(said.ready ? 200 : 503);
  return said;
}

const untilReady = (server: SallyportProcess, ready: boolean): Promise<unknown> =>
  until(async () => (await readiness(server)).ready === ready, {
    what: `the server to be ${ready ? "" : "not "}ready`,
  });

test("a server is ready while it is linked and its stores answer, and not when it stops", async () => {
  const login = run("login", {});
  await untilReady(login, true);
  const char = run("char", { LOGIN_LINK: "127.0.0.1:1" });
  await char.untilSays(/cannot link/);
  expect(await readiness(char)).toMatchObject({
    ready: false,
    checks: { "linked to the login-server": "no", "the database takes writes": "ok", started: "ok" },
  });

  cluster.redis.pause();
  await untilReady(login, false);
  expect((await readiness(login)).checks).toMatchObject({
    "the lock store answers": expect.stringMatching(/^(does not answer|no answer within \d+ ms)$/),
    "the database takes writes": "ok",
  });
  cluster.redis.resume();
  await untilReady(login, true);
  cluster.redis.pause();
  login.signal("SIGTERM");
  await login.untilSays(/stopping/);
  expect((await readiness(login)).checks).toMatchObject({ "not stopping": "no" });
});

test("a server whose Postgres refuses writes is not ready until writes work again", async () => {
  const login = run("login", {});
  await untilReady(login, true);
  // This connection can still write later, because it is opened before writes are forbidden.
  const operator = await openDatabase({ url: cluster.database.url, connections: 1 });
  const set = (change: string) =>
    operator.query(
      {
        name: change,
        text: `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I ${change}', current_database()); END $$`,
      },
      [],
    );
  await set("SET default_transaction_read_only TO on");
  const text = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()`;
  await operator.query({ name: "as a failover does", text }, []);
  await untilReady(login, false);
  expect((await readiness(login)).checks).toMatchObject({
    "the database takes writes": "answers, but is read-only like a standby",
    "the lock store answers": "ok",
  });
  await set("RESET default_transaction_read_only");
  await untilReady(login, true);
  await operator.close();
});

test("a player's way through the doors is counted on every server, without a name or id", async () => {
  const { login, char, map, client } = await cluster.start();
  const game = await enter(client);
  await walkEast(game, 1);
  await game.leave();
  const texts = await Promise.all(
    [login, char, map].map(async (server) =>
      (await fetch(`http://127.0.0.1:${await portAfter(server, "admin")}/metrics`)).text(),
    ),
  );
  const [ofLogin = "", ofChar = "", ofMap = ""] = texts;
  expect(ofLogin).toMatch(
    /client_commands_total\{door="login",command="login.\w+",answer="ok",transport="tcp",dialect="native"\} 1/,
  );
  expect(ofLogin).toContain('sallyport_links{with="char-server"} 1');
  expect(ofLogin).toMatch(/sallyport_password_hash_seconds_count [1-9]/);
  expect(ofLogin).toMatch(/sallyport_store_seconds_count\{store="locks",operation="compare-and-set"\} [1-9]/);
  expect(ofLogin).toMatch(/store_seconds_count\{store="database",operation="account-find-by-name"\} [1-9]/);
  expect(ofChar).toContain('sallyport_links{with="map-server"} 1');
  for (const [text, peer] of [
    [ofLogin, "char-server"],
    [ofChar, "map-server"],
    [ofMap, "char-server"],
  ] as const)
    expect(text).toContain(`sallyport_links_expected{with="${peer}"} 1`);
  for (const text of texts) expect(text).toMatch(/sallyport_build_info\{version="\d[^"]*"\} 1/);
  expect(ofChar).toContain('sallyport_entering_seconds_count{from="char-select"} 1');
  expect(ofMap).toMatch(/sallyport_movement_late_seconds_count [1-9]/);
  expect(ofMap).toContain('sallyport_map_players{map="harbour"} 0');
  expect(ofChar).toContain('{with="map-server",request="character.enter",answer="ok"} 1');
  expect(ofChar).toContain('sallyport_character_saves_total{answer="ok"} 1');
  expect(ofMap).toContain('door="map",command="map.enter",answer="ok",transport="tcp",dialect="native"} 1');
  expect(ofMap).toContain("sallyport_players 0");
  const countsLocks = async (): Promise<boolean> => {
    const scraped = await fetch(`http://127.0.0.1:${await portAfter(char, "admin")}/metrics`);
    return (await scraped.text()).includes('sallyport_locks{kind="server",state="connected"} 1');
  };
  await until(countsLocks, { what: "the locks of the world are counted" });
  const labels = [...texts.join("").matchAll(/\{(.*)\}/g)].map(([, each]) => each).join("\n");
  expect(labels).not.toMatch(/walker|2000000|150000|127\.0\.0\.1/);
});

test("SIGUSR2 makes a running server log more, then less, then as before", async () => {
  const login = run("login", {});
  await portAfter(login, "clients");
  for (const level of ["debug", "warn", "info"]) {
    login.signal("SIGUSR2");
    await login.untilSays(new RegExp(`"logLevel":"${level}","msg":"log level changed"`));
  }
});

test("SIGUSR1 makes a login-server log who is in, without secrets, and opens no inspector", async () => {
  const { login, char, client } = await cluster.start();
  const game = await enter(client);
  if (client.ticket === null) throw new Error("nobody is in");
  const { accountId, loginId1, loginId2 } = client.ticket;
  login.signal("SIGUSR1");
  await login.untilSays(new RegExp(`"accountIds":\\[${accountId}\\],"msg":"who is in"`));
  for (const secret of [loginId1, loginId2]) expect(login.output).not.toContain(String(secret));
  char.signal("SIGUSR1");
  await char.untilSays(/only a login-server knows who is in/);
  for (const { output } of [login, char]) expect(output).not.toContain("Debugger");
  await game.leave();
});

test("a login-server without a char-server does not say that nobody is in", async () => {
  const login = run("login", {});
  await portAfter(login, "clients");
  const isTold = () => {
    login.signal("SIGUSR1");
    return login.output.includes("no char-server is linked here, so others know who is in");
  };
  await until(isTold, { what: "the login-server has answered the signal" });
  expect(login.output).not.toContain('"msg":"who is in"');
});

test("SIGHUP ends nobody: it returns to the log level of the settings, and says what needs a restart", async () => {
  const login = run("login", {});
  await portAfter(login, "clients");
  login.signal("SIGUSR2");
  await login.untilSays(/"logLevel":"debug","msg":"log level changed"/);
  login.signal("SIGHUP");
  await login.untilSays(/"logLevel":"info","msg":"asked to reread: .*need a restart"/);
  login.signal("SIGUSR2");
  await login.untilSays(
    /"logLevel":"debug","msg":"log level changed"[\s\S]*"logLevel":"debug","msg":"log level changed"/,
  );
});

describe("a delayed stop", () => {
  test("because of a paused Redis ends at once at the second signal", async () => {
    const { char } = await cluster.start();
    cluster.redis.pause();
    char.signal("SIGTERM");
    await char.untilSays(/stopping \(a second/);
    // If the second signal came directly after the first signal, both would count as one. So the signal is
    // repeated.
    await until(() => char.signal("SIGTERM") === undefined && char.exitCode !== null, { what: "it ends" });
    expect(char.exitCode).toBe(1);
    expect(char.output).toContain("SIGTERM again: ending at once");
    expect(char.output).not.toContain("stopped\n");
  });

  test("ends at its time limit, and logs who was not saved", async () => {
    const { char, map, client } = await cluster.start({ STOP_WITHIN_MS: "1000", DRAIN_WITHIN_MS: "0" });
    const game = await enter(client);
    await walkEast(game, 1);
    char.signal("SIGSTOP");
    map.signal("SIGTERM");
    expect(await map.untilEnded()).toBe(1);
    expect(map.output).toMatch(/"unsaved":\[\d+\],"msg":"did not stop in time; the process ends now"/);
    char.signal("SIGCONT");
  });

  test("because of a paused Redis ends by itself: locks that it cannot release end by their timers", async () => {
    const { login, char } = await cluster.start();
    cluster.redis.pause();
    char.signal("SIGTERM");
    login.signal("SIGTERM");
    expect(await char.untilEnded()).toBe(0);
    expect(await login.untilEnded()).toBe(0);
  });
});

describe("a server that others can reach", () => {
  test("does not start with a weak link password, and says what to do", async () => {
    const login = run("login", { LOGIN_LINK_HOST: "0.0.0.0", CHAR_SERVERS: "alpha:secret,beta:hunter2" });
    expect(await login.untilEnded()).toBe(1);
    expect(login.output).toContain("CHAR_SERVERS: the password of alpha is a well-known password");
    expect(login.output).toContain("CHAR_SERVERS: the password of beta has fewer than 16 characters");
    expect(login.output).toContain("openssl rand -hex 24");
    expect(login.output).not.toContain("hunter2");

    const char = run("char", { CHAR_LINK_HOST: "::", CHAR_PASSWORD: "secret" });
    expect(await char.untilEnded()).toBe(1);
    expect(char.output).toContain("CHAR_PASSWORD is a well-known password; with CHAR_LINK_HOST=::");
  });

  test("starts with a strong link password", async () => {
    const strong = "9f0d5b7c1e3a4f6889aabbccddeeff01";
    const login = run("login", { LOGIN_LINK_HOST: "0.0.0.0", CHAR_SERVERS: `alpha:${strong}` });
    await login.untilSays(/login-server ready/);
  });
});
