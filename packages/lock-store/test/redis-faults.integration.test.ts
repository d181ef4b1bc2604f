import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Unavailable } from "@sallyport/domain";
import { type RunningRedis, startRedis, until } from "@sallyport/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Change } from "../src/index.ts";
import { openRedisLockStore } from "../src/redis/index.ts";
import { callsDuring, type OpenedRedis, openRedis } from "./open-redis.ts";

/** Of a store that gives requests up. The others wait for as long as a busy machine may take. */
const commandTimeoutMs = 300;
/** Even a busy machine needs less time than this. Only a request that waits for ever needs more. */
const boundMs = 5_000;

const change: Change = {
  key: "account:17",
  expectedVersion: 0,
  value: "a",
  deadline: { atMs: 1 },
  owner: "char-1",
};

describe("Redis lock store, when Redis", () => {
  let server: RunningRedis;
  let opened: OpenedRedis;

  beforeEach(async () => {
    server = await startRedis({ persistent: true });
    opened = await openRedis({ url: server.url, commandTimeoutMs: 60_000 });
  });
  afterEach(async () => {
    server.resume();
    await opened.close();
    await server.stop();
  });

  const all = (store = opened.store): Promise<unknown>[] => [
    store.load("account:17"),
    store.compareAndSet(change),
    store.due(10),
    store.ownedBy("char-1", null, 10),
  ];
  const impatient = (url = server.url) =>
    until(() => opened.reopen({ url, commandTimeoutMs }), { what: "Redis answers in time" });
  const heals = () => until(() => opened.store.load("account:17"), { what: "the store answers again" });

  /** Checks that each operation rejects with `Unavailable` and a cause. */
  async function unavailable(operations: Promise<unknown>[]): Promise<void> {
    const startedAt = performance.now();
    for (const result of await Promise.allSettled(operations)) {
      expect(result).toMatchObject({ status: "rejected", reason: expect.any(Unavailable) });
      expect((result as PromiseRejectedResult).reason.cause).toBeInstanceOf(Error);
    }
    expect(performance.now() - startedAt).toBeLessThan(boundMs);
  }

  it("is killed: fails requests under way when the connection closes, and recovers with its data", async () => {
    const { store } = opened;
    const created = await store.compareAndSet(change);
    server.pause();
    // Only the closed connection can end these requests within the bound.
    const underWay = [store.load("account:17"), store.compareAndSet(change), store.due(10)];
    await Promise.all([unavailable(underWay), server.kill()]);
    await server.start();
    await heals();
    const { lock } = await opened.store.load("account:17");
    expect(lock).toMatchObject({ version: created.ok ? created.version : -1, value: "a" });
    expect(await opened.store.due(10)).toEqual(["account:17"]);
  });

  it("stays down: fails at once, and queues nothing for later", async () => {
    await server.kill();
    await unavailable(all());
    let failed = 0;
    for (const operation of all()) {
      operation.catch(() => {
        failed += 1;
      });
    }
    await new Promise(setImmediate);
    expect(failed).toBe(4);
    await server.start();
    await heals();
    expect((await opened.store.load("account:17")).lock).toBeNull();
  });

  it("hangs with open connections: fails within the timeout, and recovers", async () => {
    const store = await impatient();
    server.pause();
    await unavailable(all(store));
    await unavailable(all(store));
    server.resume();
    await until(() => store.load("account:17"), { what: "the store answers again" });
  });

  it("forgets its scripts: loads them again without an error", async () => {
    await opened.redis.script("FLUSH");
    const created = await opened.store.compareAndSet(change);
    expect(created.ok).toBe(true);
    await opened.redis.script("FLUSH");
    const [loaded, due] = await Promise.all([opened.store.load("account:17"), opened.store.due(10)]);
    expect(loaded.lock).toMatchObject({ version: created.ok ? created.version : -1, value: "a" });
    expect(due).toEqual(["account:17"]);
    const calls = await callsDuring(opened.redis, () => opened.store.load("account:17"));
    expect(calls).toMatchObject({ evalsha: 1 });
    expect(calls["eval"]).toBeUndefined();
  });

  it("is full: refuses changes as a whole, still reads, and recovers", async () => {
    const created = await opened.store.compareAndSet(change);
    const replace = {
      ...change,
      expectedVersion: created.ok ? created.version : -1,
      value: "b",
      owner: "char-2",
    };
    await opened.redis.config("SET", "maxmemory", "1");
    await unavailable([opened.store.compareAndSet(replace)]);
    expect((await opened.store.load("account:17")).lock?.value).toBe("a");
    expect(await opened.store.due(10)).toEqual(["account:17"]);
    expect((await opened.store.ownedBy("char-2", null, 10)).keys).toEqual([]);
    await opened.redis.config("SET", "maxmemory", "0");
    expect(await opened.store.compareAndSet(replace)).toMatchObject({ ok: true });
  });

  it("has become a replica: refuses changes, connects again, and recovers", async () => {
    await opened.redis.replicaof("127.0.0.1", "1");
    await unavailable([opened.store.compareAndSet(change)]);
    await opened.redis.replicaof("NO", "ONE");
    await heals();
    expect(await opened.store.compareAndSet(change)).toMatchObject({ ok: true });
  });

  it("is busy with an endless script: fails within the timeout, and recovers", async () => {
    const store = await impatient();
    await opened.redis.config("SET", "busy-reply-threshold", "1");
    const endless = opened.redis.eval("while true do end", 0).catch(() => "killed");
    await unavailable(all(store));
    const killer = await openKiller(server.url);
    await killer();
    expect(await endless).toBe("killed");
    await heals();
  });

  it("is not up when opening: says so within the bound, with the setting and without the password", async () => {
    await server.kill();
    const url = "redis://user:secret@127.0.0.1:1";
    for (const nowhere of [server.url, url]) {
      const opening = openRedisLockStore({ url: nowhere, space: "login", openTimeoutMs: 200 });
      const error = await opening.catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(Unavailable);
      expect((error as Error).message).toMatch(/^cannot use Redis at REDIS_URL .*: ./);
      expect((error as Error).message).not.toContain("secret");
    }
    const odd = openRedisLockStore({ url: "http://example.org", space: "login" });
    await expect(odd).rejects.toThrow("REDIS_URL must be like redis://");
  });

  it("refuses the number of the database: says so as a permanent error", async () => {
    const opening = openRedisLockStore({ url: `${server.url}?db=99`, space: "login" });
    const error = await opening.catch((reason: unknown) => reason);
    expect(error).not.toBeInstanceOf(Unavailable);
    expect((error as Error).message).toMatch(
      /^cannot use Redis at REDIS_URL .*: ERR DB index is out of range$/,
    );
  });

  it("goes down and comes back: logs each once", async () => {
    const lines: string[] = [];
    const log = {
      info: (_: object, line: string) => lines.push(line),
      warn: (_: object, line: string) => lines.push(line),
    };
    const store = await opened.reopen({ log });
    await server.kill();
    await until(() => lines.length === 1, { what: "the loss is logged" });
    await server.start();
    await until(() => lines.length === 2, { what: "the return is logged" });
    await until(() => store.load("account:17"), { what: "the store answers again" });
    expect(lines).toEqual(["Redis does not answer; locks cannot be changed", "Redis answers again"]);
  });

  it("may evict locks: logs a warning", async () => {
    const lines: string[] = [];
    const log = { info: () => {}, warn: (_: object, line: string) => lines.push(line) };
    await opened.reopen({ log });
    expect(lines).toEqual([]);
    await opened.redis.config("SET", "maxmemory-policy", "allkeys-lru");
    await opened.reopen({ log });
    expect(lines).toEqual(["Redis may evict locks when it is full: set maxmemory-policy to noeviction"]);
  });

  describe("has made a change, but its answer is lost:", () => {
    let proxy: DeafProxy;
    beforeEach(async () => {
      proxy = await startProxy(server.url);
    });
    afterEach(() => proxy.stop());

    it("fails as unknown, sends nothing twice, and the next read shows the change", async () => {
      const store = await opened.reopen({ url: proxy.url });
      const calls = await callsDuring(opened.redis, async () => {
        proxy.loseAnswers();
        const lost = store.compareAndSet(change);
        await until(async () => (await opened.store.load("account:17")).lock, { what: "the change is made" });
        proxy.cut();
        await unavailable([lost]);
        const { lock } = await until(() => store.load("account:17"), { what: "the store answers again" });
        expect(lock?.value).toBe("a");
      });
      expect(calls["zadd"]).toBe(2); // its deadline and its owner, once
    });

    it("fails within the timeout if the connection stays open, and opens a new one", async () => {
      const store = await impatient(proxy.url);
      const { connections } = proxy;
      proxy.loseAnswers();
      await unavailable([store.compareAndSet(change)]);
      proxy.passAnswers();
      const { lock } = await until(() => store.load("account:17"), { what: "the store answers again" });
      expect(lock?.value).toBe("a");
      expect(proxy.connections).toBeGreaterThan(connections);
    });

    it("fails within the timeout if the answer comes byte by byte", async () => {
      const store = await impatient(proxy.url);
      proxy.dribbleAnswers();
      await unavailable([store.compareAndSet(change)]);
      expect((await opened.store.load("account:17")).lock?.value).toBe("a");
    });
  });
});

/** Returns a function that sends SCRIPT KILL. Redis accepts this command even when other commands get BUSY. */
async function openKiller(url: string): Promise<() => Promise<void>> {
  const socket = connect(url.slice("unix://".length));
  await once(socket, "connect");
  return async () => {
    socket.end("SCRIPT KILL\r\n");
    const [answer] = await once(socket, "data");
    expect(String(answer)).toBe("+OK\r\n");
  };
}

interface DeafProxy {
  readonly url: string;
  readonly connections: number;
  /** After this call, open connections pass requests but no answers. */
  loseAnswers(): void;
  /** After this call, an answer arrives byte by byte and never ends. */
  dribbleAnswers(): void;
  /** After this call, new connections pass all bytes. Connections that have lost an answer stay blocked. */
  passAnswers(): void;
  cut(): void;
  stop(): void;
}

async function startProxy(url: string): Promise<DeafProxy> {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-proxy-"));
  const path = join(folder, "proxy.sock");
  const sockets = new Set<Socket>();
  let connections = 0;
  let deaf = false;
  let dribbling = false;
  const server: Server = createServer((client) => {
    connections += 1;
    const redis = connect(url.slice("unix://".length));
    const deafConnection = { is: deaf };
    client.pipe(redis);
    redis.on("data", (chunk) => {
      deafConnection.is ||= deaf;
      if (deafConnection.is) return;
      if (!dribbling) return void client.write(chunk);
      deafConnection.is = true;
      client.write("$1000000\r\n");
      const drops = setInterval(() => client.write("x"), 10);
      client.on("close", () => clearInterval(drops));
    });
    for (const socket of [client, redis]) {
      sockets.add(socket);
      socket.on("error", () => {}); // "close" follows
      socket.on("close", () => {
        sockets.delete(socket);
        client.destroy();
        redis.destroy();
      });
    }
  });
  server.listen(path);
  await once(server, "listening");
  const cut = (): void => {
    deaf = false;
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `unix://${path}`,
    get connections() {
      return connections;
    },
    loseAnswers: () => {
      deaf = true;
    },
    dribbleAnswers: () => {
      dribbling = true;
    },
    passAnswers: () => {
      deaf = false;
    },
    cut,
    stop: () => {
      cut();
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
