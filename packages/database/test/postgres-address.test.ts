import { describe, expect, test } from "vitest";
import { postgresHosts, withoutPassword } from "../src/postgres-address.ts";

describe("an address of Postgres", () => {
  test.each([
    "postgres://me:secret@db.example:5433/game?sslmode=verify-full&application_name=a%40b",
    "postgresql://db/game",
    "postgres://postgres@/postgres?host=%2Ftmp%2Fsallyport-pg",
    "postgres://me:se%40cret@[::1]:5432/game",
  ])("with one host is passed to pg unchanged: %s", (url) => {
    expect(postgresHosts(url)).toMatchObject([{ url }]);
  });

  test("with several hosts becomes one URL for each, in their order", () => {
    const url =
      "postgres://me:secret@h1,h2:5433,[::1]:5434/game?target_session_attrs=read-write&sslmode=require";
    expect(postgresHosts(url)).toEqual([
      { name: "h1", url: "postgres://me:secret@h1/game?sslmode=require" },
      { name: "h2:5433", url: "postgres://me:secret@h2:5433/game?sslmode=require" },
      { name: "[::1]:5434", url: "postgres://me:secret@[::1]:5434/game?sslmode=require" },
    ]);
    expect(postgresHosts("postgres://h1,h2?target_session_attrs=primary")).toMatchObject([
      { url: "postgres://h1" },
      { url: "postgres://h2" },
    ]);
  });

  test.each([
    ["mysql://me:secret@h1/game", /^DATABASE_URL mysql:\/\/me@h1\/game: expected postgres:\/\//],
    ["nothing at all", /expected postgres:\/\/user:password@host\/database/],
    [
      "postgres://me:secret@/game?host=h1,h2",
      /me@\/game\?host=h1,h2: write several hosts like postgres:\/\/h1,h2/,
    ],
    [
      "postgres://h1,h2/game?target_session_attrs=standby",
      /is standby; servers write; .* read-write or primary/,
    ],
  ])("that is not usable is refused with the right form, and without the password: %s", (url, message) => {
    expect(() => postgresHosts(url)).toThrow(message);
    expect(() => postgresHosts(url)).not.toThrow(/secret/);
  });
});

test.each([
  ["postgres://me:secret@host/db", "postgres://me@host/db"],
  ["postgres://me:sec@ret@host/db", "postgres://me@host/db"],
  ["postgres://me:sec/r@t?e#t@host/db", "postgres://me@host/db"],
  ["postgres://host/db?password=secret&x=1", "postgres://host/db?password=…&x=1"],
  ["me:secret@host", "me@host"],
  ["postgres://host/db", "postgres://host/db"],
])("%s is shown as %s", (url, shown) => {
  expect(withoutPassword(url)).toBe(shown);
});
