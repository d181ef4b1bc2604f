import { expect, test } from "vitest";
import { shownRedisUrl, targetOf } from "../src/index.ts";

test.each([
  "redis://host",
  "redis://me:se%40cret@host:6379/2",
  "rediss://host",
  "redis://me:a,b@host/1",
  "unix:///run/redis.sock?db=3",
])("%s is passed on unchanged", (url) => {
  expect(targetOf({ url })).toEqual({ url, options: {} });
});

test.each([
  "redis://host/game",
  "rediss://me:secret@host:6379/1x",
  "redis://host/1/2",
  "unix:///run/redis.sock?db=x",
])("%s is refused, since databases of Redis have numbers", (url) => {
  expect(targetOf({ url })).toBeNull();
});

test("Sentinels are asked for the named master, with separate passwords for Sentinels and Redis", () => {
  const url =
    "redis+sentinel://me:se%40cret@s1,s2:5000,[::1]:5001/main/3?sentinel_username=w&sentinel_password=x%2Fy";
  expect(targetOf({ url })).toEqual({
    url: null,
    options: {
      sentinels: [
        { host: "s1", port: 26_379 },
        { host: "s2", port: 5_000 },
        { host: "::1", port: 5_001 },
      ],
      name: "main",
      db: 3,
      username: "me",
      password: "se@cret",
      sentinelUsername: "w",
      sentinelPassword: "x/y",
    },
  });
});

test("options that are not given keep the default of Redis", () => {
  const { options } = targetOf({ url: "redis+sentinel://:secret@s1/main" }) ?? {};
  expect(options).toEqual({
    sentinels: [{ host: "s1", port: 26_379 }],
    name: "main",
    db: 0,
    password: "secret",
  });
});

test("a certificate authority of one's own is read at each connection, to Redis and to the Sentinels", () => {
  let ca = "first";
  const place = { ca: () => ca };
  const single = targetOf({ ...place, url: "rediss://host:6380" });
  const sentinels = targetOf({ ...place, url: "rediss+sentinel://s1/main" });
  expect(single?.url).toBe("redis://host:6380");
  expect(sentinels?.options.enableTLSForSentinelMode).toBe(true);
  ca = "renewed";
  expect(single?.options.tls?.ca).toBe("renewed");
  expect(sentinels?.options.tls?.ca).toBe("renewed");
  expect(sentinels?.options.sentinelTLS?.ca).toBe("renewed");
});

test.each([
  "http://host",
  "host:6379",
  "redis+sentinel://s1",
  "redis+sentinel://s1/",
  "redis+sentinel:///main",
  "redis://h1,h2",
  "rediss://me:secret@h1:6379,h2:6379/1",
])("%s is no valid address of Redis", (url) => {
  expect(targetOf({ url })).toBeNull();
});

test.each([
  ["redis://me:secret@host/1", "redis://***@host/1"],
  ["redis://:sec@ret@host", "redis://***@host"],
  ["redis+sentinel://:secret@s1,s2/main?sentinel_password=other", "redis+sentinel://***@s1,s2/main"],
  ["redis://host:6379", "redis://host:6379"],
])("%s is shown as %s", (url, shown) => {
  expect(shownRedisUrl(url)).toBe(shown);
});
