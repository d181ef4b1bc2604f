import { systemClock } from "@sallyport/clock";
import { Unavailable } from "@sallyport/domain";
import { once, type RunningRedis, startRedis, testRedis, until } from "@sallyport/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type DirectoryService, Publisher, presenceMs, RedisDirectory } from "../src/index.ts";
import { directoryContract } from "./contract.ts";
import { presence } from "./presence.ts";

directoryContract("Redis", async () => {
  const { url, prefix, clear } = testRedis();
  const opened: DirectoryService[] = [];
  const [servers, expiries] = [`${prefix}{directory}:servers`, `${prefix}{directory}:expiries`];
  const laterMs = Number.MAX_SAFE_INTEGER;
  return {
    open() {
      const directory = new RedisDirectory({ url, prefix, clock: systemClock });
      opened.push(directory);
      return directory;
    },
    // Changes the stored times, as if each presence had been published earlier.
    presencesEnd: () =>
      once(url, async (redis) => {
        for (const id of await redis.zrange(expiries, "0", "-1"))
          await redis.zincrby(expiries, String(-presenceMs), id);
      }),
    putForeign: (text) =>
      once(url, async (redis) => {
        await redis.hset(servers, text, text);
        await redis.zadd(expiries, String(laterMs), text);
      }),
    async close() {
      for (const directory of opened) await directory.close();
      await clear();
    },
  };
});

describe("a directory whose Redis", () => {
  let redis: RunningRedis;
  let directory: DirectoryService;
  beforeEach(async () => {
    redis = await startRedis();
    directory = new RedisDirectory({ url: redis.url, clock: systemClock });
  });
  afterEach(async () => {
    await directory.close();
    await redis.stop();
  });
  const answers = () => until(() => directory.list(), { what: "the directory answers" });

  test("is down fails soon, and works again once Redis is back", async () => {
    await answers();
    await redis.kill();
    await expect(directory.list()).rejects.toBeInstanceOf(Unavailable);
    await expect(directory.publish(presence())).rejects.toBeInstanceOf(Unavailable);
    await redis.start();
    await answers();
    await directory.publish(presence());
    expect(await directory.list()).toEqual([presence()]);
  });

  test("is not up yet opens all the same", async () => {
    await redis.kill();
    const early = new RedisDirectory({ url: redis.url, clock: systemClock });
    const heard: unknown[] = [];
    const listening = early.listen("topic", (hint) => heard.push(hint));
    await expect(early.list()).rejects.toBeInstanceOf(Unavailable);
    await redis.start();
    await listening.ready;
    await answers();
    await directory.tell("topic", { n: 1 });
    await until(() => heard.length > 0, { what: "the hint is heard" });
    await early.close();
  });

  test("was down delivers hints again to earlier listeners", async () => {
    const heard: unknown[] = [];
    await directory.listen("topic", (hint) => heard.push(hint)).ready;
    await redis.kill();
    await redis.start();
    await until(
      async () => {
        await directory.tell("topic", { n: 1 }).catch(() => null);
        return heard.length > 0;
      },
      { what: "a hint is heard" },
    );
  });

  test("became a replica, as after a failover, connects to the new master", async () => {
    await answers();
    const connection = () =>
      once(redis.url, async (client) => {
        const clients = String(await client.client("LIST"));
        return /^id=(\d+) .* name=sallyport:directory /m.exec(clients)?.[1] ?? null;
      });
    const before = await connection();
    expect(before).not.toBeNull();
    await once(redis.url, (client) => client.replicaof("127.0.0.1", 1));
    await expect(directory.publish(presence())).rejects.toThrow(/READONLY/);
    await until(async () => ![null, before].includes(await connection()), { what: "it connects again" });
  });

  test("hangs fails within a bound", async () => {
    await answers();
    redis.pause();
    await expect(directory.list()).rejects.toBeInstanceOf(Unavailable);
    redis.resume();
    await answers();
  });

  test("fails causes one log line in a publishing server, and one when Redis is back", async () => {
    await answers();
    const lines: string[] = [];
    const log = {
      info: (_: object, message: string) => lines.push(message),
      warn: (_: object, message: string) => lines.push(message),
    };
    const publisher = new Publisher(directory, log);
    await redis.kill();
    for (let attempt = 0; attempt < 3; attempt += 1) await publisher.publish(presence());
    await redis.start();
    await answers();
    for (let attempt = 0; attempt < 3; attempt += 1) await publisher.publish(presence());
    expect(lines).toEqual([
      "cannot update the list of servers; operators and gateways do not see this server",
      "the list of servers can be updated again",
    ]);
  });
});
