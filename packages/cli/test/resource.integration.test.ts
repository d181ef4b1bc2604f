import { mkdtempSync, rmSync } from "node:fs";
import { request as httpsRequest } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { ResourceClient, TokenClient } from "@sallyport/foreign-clients";
import {
  freePorts,
  lockTable,
  must,
  type OpenTransaction,
  query,
  SallyportProcess,
  TestAuthority,
  type TestDatabase,
  testDatabase,
  until,
} from "@sallyport/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { clientAt, enter } from "./player.ts";
import { portAfter } from "./started-servers.ts";

/* A resource-server as operators run it: in one process with all servers, and in one of its own. */

const host = "127.0.0.1";
const password = "a right password";
let authority: TestAuthority;
let database: TestDatabase;
const processes: SallyportProcess[] = [];
const folders: string[] = [];
beforeAll(async () => {
  authority = new TestAuthority();
  database = await testDatabase();
});
afterEach(async () => {
  await Promise.all(processes.splice(0).map((each) => each.kill()));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});
afterAll(async () => {
  await database.drop();
  authority.remove();
});

function run(name: string, environment: Record<string, string>, adminPort?: number): SallyportProcess {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-leaderboards-"));
  folders.push(folder);
  const server = new SallyportProcess({
    ...{ name: `sallyport ${name}`, args: [name], folder },
    environment: { LOG_LEVEL: "info", ...environment },
    ...(adminPort !== undefined && { adminPort }),
  });
  processes.push(server);
  server.spawn();
  return server;
}

describe("in the process of all servers", () => {
  const ports = {
    ...{ LOGIN_PORT: "0", CHAR_PORT: "0", MAP_PORT: "0", TOKEN_PORT: "0" },
    ...{ RESOURCE_PORT: "0", RESOURCE_HTTP_PORT: "0" },
  };
  const portIn = async (server: SallyportProcess, line: RegExp): Promise<number> =>
    Number((await server.untilSays(line))[1]);

  const resourceClient = async (server: SallyportProcess, identity: string, word = password) => {
    const asking = await TokenClient.connect({
      ...{ host, port: await portIn(server, /identity tokens, login [\d.]+:(\d+)/) },
    });
    const { token } = (await asking.asks({ type: "token", identity, password: word })) as { token: string };
    const port = await portIn(server, /leaderboards: +[\d.]+:(\d+)/);
    return ResourceClient.connect({ host, port }, { identity, token });
  };

  test("it has its tables in the embedded database, and keeps them", async () => {
    const server = run("up", ports);
    await server.untilSays(/Sallyport is up/);
    const client = clientAt(await portIn(server, /login [\d.]+:(\d+)/));
    must(await client.register({ name: "ada", password, sex: "female" }));
    const first = await resourceClient(server, "ada");
    expect(await first.gets(21)).toEqual([1]);
    expect(
      await first.asks(3, { leaderboard_name: "x", leaderboard_permission: 0, leaderboard_ascending: true }),
    ).toMatchObject({ data: "Access Denied" });
    await server.kill();
    server.spawn();
    await server.untilSays(/Sallyport is up/);
    expect(await (await resourceClient(server, "ada")).gets(5)).toEqual([[1, "ada"]]);
    const http = (await server.untilSays(/leaderboards over HTTP: +(\S+)/))[1];
    expect((await fetch(`${http}/openapi.json`)).status).toBe(200);
  });

  test("its slow lists hold up no save, even in the database of the accounts", async () => {
    const shared = await testDatabase();
    let locking: OpenTransaction | undefined;
    try {
      const server = run("up", { ...ports, DATABASE_URL: shared.url });
      await server.untilSays(/Sallyport is up/);
      const player = clientAt(await portIn(server, /login [\d.]+:(\d+)/));
      const game = await enter(player);
      const lists = Array.from({ length: 16 }, () => resourceClient(server, "walker", "correct horse"));
      const clients = await Promise.all(lists);
      await clients[0]?.gets(1);
      // Each list now waits until Postgres cancels it, after ten seconds.
      const lock = await lockTable(shared.url, "resource.leaderboards");
      locking = lock;
      let answered = 0;
      const answers = clients.map(async (client) => {
        const answer = await client.asks(1);
        answered += 1;
        return answer;
      });
      await until(async () => (await lock.waiting()) >= 2, { what: "lists that wait" });
      must(await game.leave());
      must(await (await enter(player)).leave());
      expect([await lock.waiting(), answered]).toEqual([2, 0]);
      await lock.commit();
      for (const answer of await Promise.all(answers)) expect(answer).toMatchObject({ success: true });
    } finally {
      await locking?.commit();
      await Promise.all(processes.splice(0).map((each) => each.kill()));
      await shared.drop();
    }
  });

  test("it is not opened without identity tokens, and the settings that are missing are named", async () => {
    const server = run("up", { ...ports, TOKEN_PORT: "" });
    expect(await server.untilEnded()).not.toBe(0);
    expect(server.output).toContain("set TOKEN_PORT, TOKEN_HTTP_PORT or TOKEN_KEYS_URL");
  });
});

describe("in a process of its own", () => {
  test("it needs a database and the URL of the keys, and names what is missing", async () => {
    const server = run("resource", {});
    expect(await server.untilEnded()).not.toBe(0);
    expect(server.output).toContain("TOKEN_KEYS_URL must be set");
    expect(server.output).toContain("RESOURCE_DATABASE_URL or DATABASE_URL must be set");
  });

  test("it is ready when it knows which tokens were revoked, and says until then what it waits for", async () => {
    const [tokenHttp = 0, adminPort = 0] = await freePorts(2);
    const settings = { RESOURCE_PORT: "0", TOKEN_KEYS_URL: `http://${host}:${tokenHttp}` };
    const server = run("resource", { ...settings, DATABASE_URL: database.url }, adminPort);
    const port = await portAfter(server, "clients");
    const ready = await fetch(`${server.adminUrl}/readyz`);
    expect([ready.status, await ready.json()]).toMatchObject([
      503,
      { checks: { "it is known which tokens were revoked": "no" } },
    ]);
    const stranger = await ResourceClient.connect({ host, port }, { identity: "ada", token: "x" });
    expect(await stranger.asks(1)).toMatchObject({ refusal: "unavailable" });
    run("login", {
      ...{ DATABASE_URL: database.url, TOKEN_HTTP_PORT: String(tokenHttp), CHAR_SERVERS: "alpha:secret" },
      ...{ LOGIN_PORT: "0", LOGIN_LINK_PORT: "0" },
    });
    await server.untilReady();
    expect(await stranger.asks(1)).toMatchObject({ refusal: "token" });
  });

  test("a ban of an address holds for it, also behind a proxy", async () => {
    const server = run("resource", {
      ...{ RESOURCE_PORT: "0", RESOURCE_HTTP_PORT: "0", DATABASE_URL: database.url },
      ...{ TOKEN_KEYS_URL: `http://${host}:1`, PROXY_FROM: "127.0.0.1" },
    });
    const port = await portAfter(server, "http");
    const statusFrom = async (address: string) => {
      const headers = { "x-forwarded-for": `198.51.100.1, ${address}` };
      return (await fetch(`http://${host}:${port}/me`, { headers })).status;
    };
    expect(await statusFrom("192.0.2.7")).toBe(401);
    await query(database.url, "INSERT INTO network_bans (kind, network) VALUES ('network', '192.0.2.0/24')");
    await until(async () => (await statusFrom("192.0.2.7")) === 403, { what: "the ban is known" });
    expect(await statusFrom("198.51.100.1")).toBe(401);
  });

  test("with a certificate it speaks TLS alone, on both ports", async () => {
    const { certFile, keyFile } = authority.issue("localhost", host);
    const [tcp = 0, http = 0] = await freePorts(2);
    const server = run("resource", {
      ...{ RESOURCE_PORT: String(tcp), RESOURCE_HTTP_PORT: String(http), DATABASE_URL: database.url },
      ...{ TOKEN_KEYS_URL: `http://${host}:1`, TLS_CERT: certFile, TLS_KEY: keyFile },
    });
    await server.untilSays(/resource-server ready/);
    const { cert: ca } = authority.certificate;
    const status = await new Promise((resolve, reject) => {
      httpsRequest({ host, port: http, path: "/me", ca }, (response) => resolve(response.statusCode))
        .on("error", reject)
        .end();
    });
    expect(status).toBe(401);
    const socket = connectTls({ host, port: tcp, ca });
    await new Promise((resolve, reject) => socket.once("secureConnect", resolve).once("error", reject));
    socket.destroy();
    const plain = await ResourceClient.connect({ host, port: tcp }, { identity: "ada", token: "x" });
    expect(await plain.asks(1)).toBeNull();
  });
});
