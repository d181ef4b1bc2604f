import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { connect, type Socket } from "node:net";
import { Unavailable } from "@sallyport/domain";
import type { Asked, Operators } from "@sallyport/operator";
import { metricTable } from "@sallyport/server-kit";
import { ReplyError } from "ioredis";
import pg from "pg";
import { afterEach, describe, expect, test } from "vitest";
import { type AdminPort, type Checks, openAdminPort } from "../src/process/admin-port.ts";
import { PrometheusMetrics } from "../src/process/prometheus-metrics.ts";

let port: AdminPort | null = null;
afterEach(async () => {
  await port?.stop();
  port = null;
});

const logged: unknown[] = [];
const log = { error: (fields: object, message: string) => void logged.push({ ...fields, message }) };
afterEach(() => void logged.splice(0));

const bare = { host: "127.0.0.1", port: 0, log, metrics: new PrometheusMetrics(), checks: () => ({}) };

async function open(checks: Checks = {}, metrics = new PrometheusMetrics()) {
  port = await openAdminPort({ ...bare, metrics, checkMsMax: 50, checks: () => checks });
  const at = `http://127.0.0.1:${port.address.port}`;
  return async (path: string, method = "GET", headers: Record<string, string> = {}) => {
    const response = await fetch(at + path, { method, headers });
    return { status: response.status, text: await response.text(), headers: response.headers };
  };
}

async function sendInChunks(url: string, body: string, method = "POST") {
  const sent = request(url, { method, headers: { "transfer-encoding": "chunked" } });
  sent.end(body);
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  return { status: response.statusCode, text: Buffer.concat(await response.toArray()).toString() };
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
      ...{ ...bare, checkMsMax: 60_000 },
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
  expect(await ask("/healthz")).toMatchObject({ status: 200, text: '{"healthy":true}' });
});

describe("a request of an operator", () => {
  const openWith = async (operators: Operators | null | undefined) => {
    port = await openAdminPort({ ...bare, operators: () => operators });
    return `http://127.0.0.1:${port.address.port}`;
  };

  test("is passed on whole, with the address of its sender, and its answer is sent back", async () => {
    const asked: Asked[] = [];
    const at = await openWith(async (all) => {
      asked.push(all);
      return { status: 409, headers: { "content-type": "application/json" }, body: '{"error":"no"}' };
    });
    const headers = { authorization: "Bearer x" };
    const response = await fetch(`${at}/accounts/w%26l?a=b%20c`, { method: "POST", body: "{}", headers });
    expect([response.status, await response.json()]).toEqual([409, { error: "no" }]);
    expect(response.headers.get("cache-control")).toBe("no-store");
    const address = expect.stringMatching(/^(::ffff:)?127\.0\.0\.1$/);
    expect(asked).toMatchObject([
      { method: "POST", path: "/accounts/w%26l?a=b%20c", body: "{}", headers, address },
    ]);
  });

  test("gets an explanation before the server has started, or if it has no stores", async () => {
    expect((await fetch(`${await openWith(undefined)}/servers`)).status).toBe(503);
    await port?.stop();
    const response = await fetch(`${await openWith(null)}/whois?name=x`);
    expect([response.status, await response.json()]).toEqual([
      404,
      { error: "this server does not read accounts: ask a login-server or char-server" },
    ]);
  });

  test("that meets a bug gets 500 without inner text, and the log has the error with its stack", async () => {
    const bug = new Error("secret at 10.0.0.7");
    const at = await openWith(() => Promise.reject(bug));
    const response = await fetch(`${at}/servers`);
    expect([response.status, await response.json()]).toEqual([
      500,
      { error: "this process failed at the request; its log has more" },
    ]);
    expect(logged).toEqual([{ err: bug, message: "a request to the admin port failed (a bug)" }]);
  });

  test("of TRACE is refused, and is no bug", async () => {
    const at = await openWith(() => Promise.reject(new Error("it was passed on")));
    expect((await sendInChunks(`${at}/servers`, "", "TRACE")).status).toBe(405);
    expect(logged).toEqual([]);
  });

  test("of a client that goes away in the middle of its body is no bug", async () => {
    const at = await openWith(() => Promise.reject(new Error("it was passed on")));
    const { host = "", port: number = 0 } = port?.address ?? {};
    const socket = connect({ host, port: number });
    // The answer 100 says that the server waits for the body.
    socket.write("POST /servers HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n{");
    await once(socket, "data");
    socket.destroy();
    await once(socket, "close");
    // The server has noticed that when it answers a later client.
    for (let check = 0; check < 5; check += 1) await fetch(`${at}/healthz`);
    expect(logged).toEqual([]);
  });

  test("with a body of more than 16 KiB is refused before anybody reads it", async () => {
    const at = await openWith(() => Promise.reject(new Error("it was read")));
    const body = "x".repeat(16_385);
    expect((await fetch(`${at}/servers`, { method: "POST", body })).status).toBe(413);
    expect((await sendInChunks(`${at}/servers`, body)).status).toBe(413);
  });

  test.each(["POST", "DELETE", "OPTIONS"])(
    "of %s is passed on without a length in its header",
    async (method) => {
      const at = await openWith(async (asked) => ({
        status: 200,
        headers: {},
        body: asked.method + asked.body,
      }));
      expect(await sendInChunks(`${at}/servers`, "{}", method)).toEqual({ status: 200, text: `${method}{}` });
    },
  );

  test("of DELETE without a body is passed on", async () => {
    const at = await openWith(async ({ method, body }) => ({
      status: 200,
      headers: {},
      body: method + body,
    }));
    expect(await (await fetch(`${at}/servers`, { method: "DELETE" })).text()).toBe("DELETE");
  });
});

test("health, readiness and metrics can only be read, and no other path exists", async () => {
  const ask = await open();
  for (const path of ["/healthz", "/readyz", "/metrics"]) expect((await ask(path, "POST")).status).toBe(405);
  await port?.stop();
  port = await openAdminPort({ ...bare, operators: () => null });
  expect((await fetch(`http://127.0.0.1:${port.address.port}/metrics/../etc`)).status).toBe(404);
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
  const again = { ...bare, port: taken };
  await expect(openAdminPort(again)).rejects.toThrow(
    `cannot listen on ADMIN_PORT 127.0.0.1:${taken}: already in use`,
  );
});
