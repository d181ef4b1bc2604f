import { readSettings, SettingsInvalid } from "@sallyport/server-kit";
import { TestAuthority } from "@sallyport/testkit";
import { afterAll, describe, expect, test } from "vitest";
import {
  gatewayStoreSettings,
  processStoreSettings,
  readDatabaseUrl,
  readRedis,
  readResourceUrls,
  storeSettings,
} from "../src/stores/store-settings.ts";

function problems(environment: Record<string, string>): readonly string[] {
  try {
    readSettings(processStoreSettings, { DATABASE_URL: "postgres://db/game", ...environment });
  } catch (error) {
    if (error instanceof SettingsInvalid) return error.problems;
    throw error;
  }
  return [];
}

test.each([
  { DATABASE_URL: "postgres://me:se%40cret@h1,h2:5433/game?target_session_attrs=read-write" },
  { DATABASE_URL: "postgres://postgres@/postgres?host=%2Ftmp%2Fsallyport" },
  { REDIS_URL: "redis://:se%2Fcret@redis:6379/1" },
  { REDIS_URL: "rediss://me:secret@redis" },
  { REDIS_URL: "unix:///run/redis.sock" },
  { REDIS_URL: "redis+sentinel://:se%40cret@s1:26379,s2:26379/main/1" },
])("%o is right", (environment) => {
  expect(problems(environment)).toEqual([]);
});

test("a URL for another kind of store is reported with its setting before anything connects", () => {
  expect(problems({ DATABASE_URL: "mysql://me:secret@x", REDIS_URL: "http://x" })).toEqual([
    "DATABASE_URL: begins with mysql://; it has to be like postgres://user:password@host/database",
    expect.stringMatching(
      /^REDIS_URL: begins with http:\/\/; it has to be like redis:\/\/host:6379, rediss:/,
    ),
  ]);
});

test.each([
  ["DATABASE_URL", "postgres://me:se@cret@host/game"],
  ["DATABASE_URL", "postgres://me:se#cret@host/game"],
  ["DATABASE_URL", "postgres://me:se/cret@host/game"],
  ["REDIS_URL", "redis://me:se@cret@host:6379"],
  ["REDIS_URL", "redis://:se#cret@host:6379"],
  ["REDIS_URL", "redis://:se/cret@host:6379"],
])(
  "%s with a password that is not encoded names the setting and what to do, and shows no part of it: %s",
  (variable, url) => {
    const [problem = "", ...others] = problems({ [variable]: url });
    expect(others).toEqual([]);
    expect(problem.startsWith(`${variable}: `)).toBe(true);
    expect(problem).toContain("percent-encode the user and the password: @ is %40");
    expect(problem).not.toMatch(/se.cret|cret/);
  },
);

test.each([
  ["DATABASE_URL", "postgres://me:secret@h1,/game", "host 2 of 2 is empty"],
  ["DATABASE_URL", "postgres://,h2:5433/game", "host 1 of 2 is empty"],
  ["DATABASE_URL", "postgres://h1,,h3/game?sslmode=require", "host 2 of 3 is empty"],
  ["REDIS_URL", "redis+sentinel://s1:26379,,s3:26379/main", "host 2 of 3 is empty"],
  ["REDIS_URL", "redis+sentinel://:secret@s1,/main", "host 2 of 2 is empty"],
])("an error about %s says which host of its list is empty: %s", (variable, url, told) => {
  expect(problems({ [variable]: url })).toEqual([
    `${variable}: ${told}; separate hosts by one comma, with none at the end`,
  ]);
});

test("several hosts for one Redis are refused, with a hint at Sentinels", () => {
  expect(problems({ REDIS_URL: "redis://:secret@h1,h2:6379/1" })).toEqual([
    expect.stringMatching(/^REDIS_URL: it is not like .*redis\+sentinel:\/\/host1:26379,host2:26379\/name$/),
  ]);
});

test("a connection option that is not supported is reported with the setting, without the password", () => {
  expect(problems({ DATABASE_URL: "postgres://me:secret@h1,h2/game?target_session_attrs=standby" })).toEqual([
    expect.stringMatching(/^DATABASE_URL: postgres:\/\/me@h1,h2\/game.* target_session_attrs is standby/),
  ]);
});

test("Sentinels without the name of a master are refused with what is missing", () => {
  expect(problems({ REDIS_URL: "redis+sentinel://:secret@s1:26379" })).toEqual([
    expect.stringMatching(/^REDIS_URL: it is not like .*redis\+sentinel:\/\/host1:26379,host2:26379\/name$/),
  ]);
});

describe("a certificate authority of one's own", () => {
  const authority = new TestAuthority();
  afterAll(() => authority.remove());
  const { certFile } = authority.certificate;
  const { databaseUrl, redisUrl } = storeSettings;

  test("makes connections to Postgres use TLS and check the host", () => {
    const read = (url: string) =>
      readDatabaseUrl(databaseUrl, { DATABASE_URL: url, DATABASE_CA: certFile })?.replace(
        /=[^&=]*pem$/,
        "=FILE",
      );
    const secured = "sslmode=verify-full&sslrootcert=FILE";
    expect(read("postgres://db/game")).toBe(`postgres://db/game?${secured}`);
    expect(read("postgres://h1,h2/game?x=1")).toBe(`postgres://h1,h2/game?x=1&${secured}`);
    expect(() => read("postgres://db/game?sslmode=disable")).toThrow(
      "DATABASE_CA is set; DATABASE_URL then needs sslmode=verify-full",
    );
    const leaderboards = { RESOURCE_DATABASE_URL: "postgres://db/boards?sslmode=require" };
    expect(() => readResourceUrls({ ...leaderboards, DATABASE_CA: certFile })).toThrow(
      "DATABASE_CA is set; RESOURCE_DATABASE_URL then needs sslmode=verify-full",
    );
  });

  test("is used for Redis only if it is reached by TLS", () => {
    const read = (url: string) => readRedis(redisUrl, { REDIS_URL: url, REDIS_CA: certFile });
    expect(read("rediss://redis").redis?.ca?.()).toBe(authority.certificate.cert);
    expect(read("rediss+sentinel://s1/main").redis?.ca?.()).toBe(authority.certificate.cert);
    expect(() => read("redis://redis")).toThrow("REDIS_CA is set; REDIS_URL then needs rediss://");
  });

  test("that is missing or no certificate is reported at the start", () => {
    expect(() => readRedis(redisUrl, { REDIS_URL: "rediss://redis", REDIS_CA: "/none.pem" })).toThrow(
      /^REDIS_CA: .*\/none\.pem/,
    );
    const { keyFile } = authority.certificate;
    expect(() =>
      readDatabaseUrl(databaseUrl, { DATABASE_URL: "postgres://db", DATABASE_CA: keyFile }),
    ).toThrow(/^DATABASE_CA: /);
  });
});

test("one process with all servers needs no store, separate servers need Postgres, and a gateway needs Redis", () => {
  expect(readSettings(storeSettings, {})).toMatchObject({ databaseUrl: null, redisUrl: null });
  expect(() => readSettings(processStoreSettings, {})).toThrow(/^DATABASE_URL must be set: Postgres/);
  expect(() => readSettings(gatewayStoreSettings, {})).toThrow(/^REDIS_URL must be set: Redis/);
});
