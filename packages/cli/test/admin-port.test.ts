import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { Unavailable, UnreadableRow } from "@sallyport/domain";
import { answerTo, challengeMs, DrainProofs, type OperatorView, operatorsOf } from "@sallyport/operator";
import { metricTable } from "@sallyport/server-kit";
import { ReplyError } from "ioredis";
import pg from "pg";
import { afterEach, describe, expect, test } from "vitest";
import { type AdminPort, type Checks, type Orders, openAdminPort } from "../src/process/admin-port.ts";
import { PrometheusMetrics } from "../src/process/prometheus-metrics.ts";

let port: AdminPort | null = null;
afterEach(async () => {
  await port?.stop();
  port = null;
});

async function open(
  checks: Checks = {},
  metrics = new PrometheusMetrics(),
  orders: Orders | null = null,
  proofs = new DrainProofs(),
) {
  const options = { host: "127.0.0.1", port: 0, metrics, checkMsMax: 50, proofs };
  port = await openAdminPort({ ...options, checks: () => checks, orders: () => orders });
  const at = `http://127.0.0.1:${port.address.port}`;
  return async (path: string, method = "GET", headers: Record<string, string> = {}) => {
    const response = await fetch(at + path, { method, headers });
    return { status: response.status, text: await response.text(), headers: response.headers };
  };
}

describe("while very many connections to it", () => {
  const holders: Socket[] = [];
  afterEach(() => {
    for (const socket of holders.splice(0)) socket.destroy();
  });

  /** Opens connections. Each of them sends this part of a request and nothing else. */
  async function hold(count: number, says: string): Promise<void> {
    const { host = "", port: at = 0 } = port?.address ?? {};
    for (let held = 0; held < count; held += 1) {
      const socket = connect({ host, port: at });
      socket.on("error", () => {});
      holders.push(socket);
      await once(socket, "connect");
      socket.write(says);
    }
  }

  test.each([
    ["say nothing", ""],
    ["say half of a request", "GET /readyz HTTP/1.1\r\nHost: x\r\n"],
    ["ask and do not read", "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"],
  ])("%s, it answers every check", async (_, says) => {
    const ask = await open({ fine: () => true });
    await hold(500, says);
    for (let check = 0; check < 20; check += 1) expect((await ask("/readyz")).status).toBe(200);
  });

  test("are open, those being answered are closed last", async () => {
    let answerSlowly = (): void => {};
    const slow = new Promise<void>((resolve) => {
      answerSlowly = resolve;
    });
    port = await openAdminPort({
      ...{ host: "127.0.0.1", port: 0, metrics: new PrometheusMetrics(), checkMsMax: 60_000 },
      checks: () => ({ slow: () => slow }),
    });
    const asked = fetch(`http://127.0.0.1:${port.address.port}/readyz`);
    await hold(300, "GET /");
    answerSlowly();
    expect((await asked).status).toBe(200);
  });
});

describe("/readyz", () => {
  test("is 200 once every check passes, and names all checks", async () => {
    const ask = await open({ linked: () => true, stores: async () => ["any", "answer"] });
    const { status, text } = await ask("/readyz");
    expect(status).toBe(200);
    expect(JSON.parse(text)).toEqual({ ready: true, checks: { linked: "ok", stores: "ok" } });
  });

  test("is 503 while a check fails, and names the check but not the text of the error", async () => {
    const ask = await open({
      linked: () => false,
      redis: () => Promise.reject(new Error("secret at 10.0.0.7")),
      postgres: () => new Promise(() => {}),
      fine: () => true,
      "threw at once": () => {
        throw new Error("secret");
      },
    });
    const { status, text } = await ask("/readyz");
    expect(status).toBe(503);
    expect(JSON.parse(text)).toEqual({
      ready: false,
      checks: {
        linked: "no",
        redis: "does not answer",
        postgres: "no answer within 50 ms",
        fine: "ok",
        "threw at once": "does not answer",
      },
    });
  });
});

const saidByPostgres = (code: string): Error =>
  new Unavailable("10.0.0.7", { cause: Object.assign(new pg.DatabaseError("secret", 0, "error"), { code }) });

describe("a store in the answer of /readyz", () => {
  const saidByRedis = (message: string): Error =>
    new Unavailable("10.0.0.7", { cause: new ReplyError(message) });

  test.each([
    ["answers, but is read-only like a standby", saidByPostgres("25006")],
    ["answers, but refuses: SQLSTATE 53100", saidByPostgres("53100")],
    ["answers, but lost the locks that it kept", saidByRedis("GENERATION secret")],
    ["answers, but refuses: LOADING", saidByRedis("LOADING secret")],
    ["does not answer", new Unavailable("secret", { cause: new Error("connect ECONNREFUSED 10.0.0.7") })],
  ])("%s", async (told, error) => {
    const ask = await open({ store: () => Promise.reject(error) });
    expect(JSON.parse((await ask("/readyz")).text)).toEqual({ ready: false, checks: { store: told } });
  });
});

test("/healthz is 200 even if checks fail: the process answers", async () => {
  const ask = await open({ linked: () => false });
  expect(await ask("/healthz")).toMatchObject({ status: 200, text: '{"healthy":true}\n' });
});

describe("an operator's query", () => {
  const asked: unknown[] = [];
  const view: OperatorView = {
    servers: async () => ({ servers: [], unseen: [] }),
    locks: async (filters) => {
      asked.push(filters);
      return { locks: [], next: null, unseen: [] };
    },
    whois: async (name) => ({ name, accounts: [], unseen: [] }),
  };
  const openWith = async (told: OperatorView | null | undefined) => {
    port = await openAdminPort({
      host: "127.0.0.1",
      port: 0,
      metrics: new PrometheusMetrics(),
      checks: () => ({}),
      operators: () => told && operatorsOf(told),
    });
    const at = `http://127.0.0.1:${port.address.port}`;
    return async (path: string) => {
      const response = await fetch(at + path);
      return { status: response.status, said: await response.json() };
    };
  };

  test("is answered in JSON, with the given filters", async () => {
    const ask = await openWith(view);
    expect(await ask("/servers")).toEqual({ status: 200, said: { servers: [], unseen: [] } });
    expect(await ask("/whois?name=w%26lker")).toMatchObject({ status: 200, said: { name: "w&lker" } });
    await ask("/locks");
    await ask("/locks?kind=server&state=away&owner=map-1&world=A%20b&after=x&limit=7");
    expect(asked).toEqual([
      { limit: 100 },
      { kind: "server", state: "away", owner: "map-1", world: "A b", after: "x", limit: 7 },
    ]);
  });

  test("with a mistake is answered with the right form", async () => {
    const ask = await openWith(view);
    for (const [path, why] of [
      ["/whois", "name: missing"],
      ["/locks?limit=0", "limit: not a whole number from 1 to 1000"],
      ["/locks?limit=1001", "limit: not a whole number from 1 to 1000"],
      ["/locks?kind=dragon", "kind: not one of account, character, server"],
    ] as const)
      expect(await ask(path), path).toEqual({ status: 400, said: { error: why } });
  });

  test("gets an explanation before the server has started, or if it has no stores", async () => {
    expect(await (await openWith(undefined))("/servers")).toMatchObject({ status: 503 });
    await port?.stop();
    expect(await (await openWith(null))("/whois?name=x")).toMatchObject({
      status: 404,
      said: { error: "this server does not read accounts: ask a login-server or char-server" },
    });
  });

  test("gets an explanation while a store does not answer, without the text of the error", async () => {
    const fails = () => Promise.reject(new Unavailable("secret at 10.0.0.7"));
    const refuses = () => Promise.reject(saidByPostgres("25006"));
    const ask = await openWith({ servers: fails, locks: refuses, whois: fails });
    for (const [path, told] of [
      ["/servers", "does not answer"],
      ["/locks", "answers, but is read-only like a standby"],
      ["/whois?name=x", "does not answer"],
    ] as const) {
      const error = `Redis or Postgres ${told}; the log of this process has more`;
      expect(await ask(path)).toEqual({ status: 503, said: { error } });
    }
  });

  test("about a row that no server can use is answered with the row", async () => {
    const error = "account 2000000: no server can use its created_at, Infinity";
    const whois = () => Promise.reject(new UnreadableRow(error));
    const ask = await openWith({ ...view, whois });
    expect(await ask("/whois?name=x")).toEqual({ status: 500, said: { error } });
  });
});

test("no other path exists, and nothing can be changed", async () => {
  const ask = await open();
  expect((await ask("/")).status).toBe(404);
  expect((await ask("/metrics/../etc")).status).toBe(404);
  expect((await ask("/metrics", "POST")).status).toBe(405);
});

describe("/metrics", () => {
  test("has all counted, observed and watched values, under names with units", async () => {
    const metrics = new PrometheusMetrics();
    const carried = { transport: "tcp", dialect: "native" };
    const asked = { door: "login", command: "login.password", ...carried };
    metrics.count("commands", { ...asked, answer: "busy" });
    metrics.count("commands", { ...asked, answer: "busy" });
    metrics.observe("commandSeconds", asked, 0.02);
    let players = 3;
    metrics.watch("players", {}, () => players);
    const ask = await open({}, metrics);
    players = 4;
    const { text, headers } = await ask("/metrics");
    expect(headers.get("content-type")).toMatch(/^text\/plain; version=/);
    const written = text.split("\n");
    expect(written).toContain(
      'sallyport_client_commands_total{door="login",command="login.password",transport="tcp",dialect="native",answer="busy"} 2',
    );
    expect(written).toContain(
      'sallyport_client_command_seconds_bucket{le="0.025",door="login",command="login.password",transport="tcp",dialect="native"} 1',
    );
    expect(written).toContain("sallyport_players 4");
  });

  test("has every metric of the table, and those of the process under their usual names", async () => {
    const { text } = await (await open())("/metrics");
    const declared = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
    for (const { name } of Object.values(metricTable)) expect(declared).toContain(name);
    for (const usual of [
      "process_cpu_seconds_total",
      "process_resident_memory_bytes",
      "process_open_fds",
      "nodejs_eventloop_lag_p99_seconds",
      "nodejs_heap_size_used_bytes",
      "nodejs_version_info",
    ])
      expect(declared).toContain(usual);
    expect(declared.filter((name) => !/^(sallyport|process|nodejs)_/.test(name ?? ""))).toEqual([]);
  });

  test("covers one process: two processes do not share it", async () => {
    const [one, other] = [new PrometheusMetrics(), new PrometheusMetrics()];
    one.count("sweeps", { outcome: "done" });
    expect(await one.text()).toContain('sallyport_sweeps_total{outcome="done"} 1');
    expect(await other.text()).not.toContain('sallyport_sweeps_total{outcome="done"}');
  });

  test("sums the values of two servers in one process", async () => {
    const metrics = new PrometheusMetrics();
    metrics.watch("links", { with: "char-server" }, () => 1);
    metrics.watch("links", { with: "char-server" }, () => 2);
    for (let look = 1; look <= 2; look += 1) {
      expect(await metrics.text()).toContain('sallyport_links{with="char-server"} 3');
    }
  });
});

test("the error about a port in use names the port", async () => {
  await open();
  const taken = port?.address.port ?? 0;
  const again = { host: "127.0.0.1", port: taken, metrics: new PrometheusMetrics(), checks: () => ({}) };
  await expect(openAdminPort(again)).rejects.toThrow(
    `cannot listen on ADMIN_PORT 127.0.0.1:${taken}: already in use`,
  );
});

describe("/map-servers", () => {
  const path = "/map-servers/map-1";
  const draining: string[] = [];
  afterEach(() => void draining.splice(0));

  function orders(key = "the password of the links"): Orders {
    const statusOf = (server: string) =>
      server === "map-1"
        ? {
            server,
            state: draining.includes(server) ? ("draining" as const) : ("up" as const),
            players: 3,
            maps: [],
          }
        : null;
    return {
      key,
      statusOf,
      drain: async (server) => {
        draining.push(server);
        return statusOf(server);
      },
    };
  }

  test("describes one map-server by its name, and changes nothing", async () => {
    const ask = await open({}, undefined, orders());
    const { status, text } = await ask(path);
    expect([status, JSON.parse(text)]).toEqual([200, { server: "map-1", state: "up", players: 3, maps: [] }]);
    expect(await ask("/map-servers/map-2")).toMatchObject({ status: 404 });
    expect(await ask("/map-servers/")).toMatchObject({ status: 404 });
    expect(draining).toEqual([]);
  });

  type Ask = Awaited<ReturnType<typeof open>>;
  const proofFor = async (ask: Ask, key = orders().key, server = "map-1") => ({
    authorization: answerTo((await ask(path, "DELETE")).headers, key, server) ?? "",
  });

  test("drains a map-server only for a caller that proves to know the key for that name", async () => {
    const ask = await open({}, undefined, orders());
    expect(await ask(path, "DELETE")).toMatchObject({ status: 401 });
    for (const wrong of [
      await proofFor(ask, "another password"),
      await proofFor(ask, orders().key, "map-2"),
      { authorization: "Proof" },
      { authorization: `Proof 9999999999999.${"0".repeat(32)}.${"0".repeat(64)} ${"0".repeat(64)}` },
    ])
      expect(await ask(path, "DELETE", wrong)).toMatchObject({ status: 401 });
    expect(await ask(path, "POST", await proofFor(ask))).toMatchObject({ status: 405 });
    expect(draining).toEqual([]);
    const { status, text } = await ask(path, "DELETE", await proofFor(ask));
    expect([status, JSON.parse(text)]).toMatchObject([200, { state: "draining" }]);
    expect(draining).toEqual(["map-1"]);
  });

  test("drains nothing when an overheard order is sent again", async () => {
    const ask = await open({}, undefined, orders());
    const seen = await proofFor(ask);
    expect(await ask(path, "DELETE", seen)).toMatchObject({ status: 200 });
    draining.splice(0);
    expect(await ask(path, "DELETE", seen)).toMatchObject({ status: 401 });
    expect(draining).toEqual([]);
  });

  test("drains nothing for a late proof, or a proof for another process", async () => {
    let nowMs = 5_000;
    const deps = { nowMs: () => nowMs, randomBytes: (count: number) => randomBytes(count) };
    const ask = await open({}, undefined, orders(), new DrainProofs(deps));
    const late = await proofFor(ask);
    nowMs += challengeMs + 1;
    expect(await ask(path, "DELETE", late)).toMatchObject({ status: 401 });
    const ofBefore = await proofFor(ask);
    await port?.stop();
    const again = await open({}, undefined, orders(), new DrainProofs(deps));
    expect(await again(path, "DELETE", ofBefore)).toMatchObject({ status: 401 });
    expect(draining).toEqual([]);
    expect(await again(path, "DELETE", await proofFor(again))).toMatchObject({ status: 200 });
  });

  test("does not exist on a server without a key", async () => {
    const ask = await open();
    expect(await ask(path)).toMatchObject({ status: 404 });
    expect(await ask(path, "DELETE", { authorization: "Proof x y" })).toMatchObject({
      status: 404,
    });
    expect(await ask("/metrics", "DELETE")).toMatchObject({ status: 405 });
  });
});
