import { Unavailable } from "@sallyport/domain";
import pg from "pg";
import { expect, test } from "vitest";
import { isNotThereYet } from "../src/index.ts";

const system = (code: string): Error => Object.assign(new Error(code), { code });
function said(code: string): Error {
  const error = new pg.DatabaseError("no", 2, "error");
  error.code = code;
  return error;
}
const told = (cause: unknown): Error => new Error("cannot use Postgres at DATABASE_URL", { cause });

test.each([
  ["nothing listens", system("ECONNREFUSED")],
  [
    "nothing listens at any address of a name",
    new AggregateError([system("ECONNREFUSED"), system("ENETUNREACH")]),
  ],
  ["its name is not known", system("ENOTFOUND")],
  ["it does not answer", new Error("timeout expired")],
  ["it closes the connection", new Error("Connection terminated unexpectedly")],
  ["it is starting up", said("57P03")],
  ["it has no connection left", said("53300")],
  ["it is still a standby", said("25006")],
  ["the cause of the error says so", told(new Unavailable("x", { cause: system("ECONNREFUSED") }))],
])("a store is waited for if %s", (_what, error) => {
  expect(isNotThereYet(error)).toBe(true);
});

test.each([
  ["the password is wrong", told(new Unavailable("x", { cause: said("28P01") }))],
  ["there is no such database", said("3D000")],
  ["its certificate is not trusted", system("SELF_SIGNED_CERT_IN_CHAIN")],
  ["a newer version migrated it", new Error("the database is newer than this version")],
  ["there is a bug", new TypeError("x is not a function")],
])("a store is not waited for if %s", (_what, error) => {
  expect(isNotThereYet(error)).toBe(false);
});
