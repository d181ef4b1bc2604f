import { Unavailable } from "@sallyport/domain";
import pg from "pg";
import { describe, expect, test } from "vitest";
import { endsConnection, sqlStatesOf, unavailableUnlessStatement } from "../src/postgres-errors.ts";

const errorOf = (fields: { code: string; severity?: string; routine?: string }): pg.DatabaseError =>
  Object.assign(new pg.DatabaseError("no", 2, "error"), { severity: "ERROR", ...fields });

describe("an error of Postgres", () => {
  test.each([
    ["no such prepared statement", { code: "26000" }],
    ["a prepared statement of that name", { code: "42P05" }],
    ["no such portal", { code: "34000" }],
    ["a failed transaction", { code: "25P02" }],
    ["a server that only reads", { code: "25006" }],
    ["a statement that was cancelled", { code: "57014" }],
    ["a server that shuts down", { code: "57P01" }],
    ["bytes that made no sense", { code: "08P01" }],
    ["something internal", { code: "XX000" }],
    ["a table changed since", { code: "0A000", routine: "RevalidateCachedQuery" }],
    ["an error that closes the connection", { code: "28000", severity: "FATAL" }],
  ])("that reports %s makes the statement unavailable, and ends its connection", (_, fields) => {
    expect(unavailableUnlessStatement(errorOf(fields))).toBeInstanceOf(Unavailable);
    expect(endsConnection(errorOf(fields))).toBe(true);
  });

  test.each(["40P01", "53100", "55P03", "58030"])(
    "that is temporary, %s, makes the statement unavailable, and keeps the connection",
    (code) => {
      expect(unavailableUnlessStatement(errorOf({ code }))).toBeInstanceOf(Unavailable);
      expect(endsConnection(errorOf({ code }))).toBe(false);
    },
  );

  test.each(["0A000", "22P02", "23505", "42601", "42P01"])(
    "about the statement itself, %s, goes to the caller, and keeps the connection",
    (code) => {
      const error = errorOf({ code });
      expect(unavailableUnlessStatement(error)).toBe(error);
      expect(endsConnection(error)).toBe(false);
    },
  );

  test("has the SQLSTATE of the host that answered, or none if no host answered", () => {
    const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
    const several = new AggregateError([refused, errorOf({ code: "25006" })], "h1: …; h2: …");
    expect(sqlStatesOf(unavailableUnlessStatement(errorOf({ code: "53100" })))).toEqual(["53100"]);
    expect(sqlStatesOf(new Unavailable("h1: …; h2: …", { cause: several }))).toEqual(["25006"]);
    expect(sqlStatesOf(unavailableUnlessStatement(refused))).toEqual([]);
  });
});
