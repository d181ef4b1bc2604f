import { readSettings, SettingsInvalid } from "@sallyport/server-kit";
import { expect, test } from "vitest";
import { gatewayStoreSettings, processStoreSettings, storeSettings } from "../src/store-settings.ts";

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
])("%o is right", (environment) => {
  expect(problems(environment)).toEqual([]);
});

test("the URL of another kind of store is told by its setting, before anything connects to it", () => {
  expect(problems({ DATABASE_URL: "mysql://me:secret@x", REDIS_URL: "http://x" })).toEqual([
    "DATABASE_URL: begins with mysql://; it has to be like postgres://user:password@host/database",
    "REDIS_URL: begins with http://; it has to be like redis://host:6379, rediss://host:6379 or unix:///path",
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
    expect(problem).toContain("percent-encode its user and password: @ is %40");
    expect(problem).not.toMatch(/se.cret|cret/);
  },
);

test("what Postgres does not offer is told by the setting, without the password", () => {
  expect(problems({ DATABASE_URL: "postgres://me:secret@h1,h2/game?target_session_attrs=standby" })).toEqual([
    expect.stringMatching(/^DATABASE_URL: postgres:\/\/me@h1,h2\/game.* target_session_attrs is standby/),
  ]);
});

test("one process with all servers needs neither store, servers of their own need Postgres, and a gateway needs Redis", () => {
  expect(readSettings(storeSettings, {})).toEqual({ databaseUrl: null, redisUrl: null });
  expect(() => readSettings(processStoreSettings, {})).toThrow(/^DATABASE_URL must be set: Postgres/);
  expect(() => readSettings(gatewayStoreSettings, {})).toThrow(/^REDIS_URL must be set: Redis/);
});
