import { expect, test } from "vitest";
import { storeUrlProblem } from "../src/index.ts";

const form = { schemes: ["redis", "rediss", "unix"], example: "redis://host:6379", fileScheme: "unix" };
const problem = (text: string): string | null => storeUrlProblem(text, form);

test.each([
  "redis://host",
  "redis://host:6379/2",
  "redis://:p%40ss%2F@host",
  "rediss://user:pass@[::1]:6379/0?family=6",
  "redis://ann:a:b@host",
  "redis://user@/0?host=%2Ftmp",
  "redis://h1:1,h2:2,[::1]:3/name",
  "unix:///tmp/a@b/redis.sock?db=3",
])("%s is right", (url) => {
  expect(problem(url)).toBeNull();
});

test.each([
  ["an @", "redis://ann:hun@ter2@host:6379"],
  ["an @ without a user", "redis://:hun@ter2@host"],
  ["a slash", "redis://ann:hun/ter2@host"],
  ["a slash after digits, which look like a port", "redis://ann:123/hunter2@host"],
  ["a #", "redis://ann:hun#ter2@host"],
  ["a question mark", "redis://ann:hun?ter2@host"],
  ["a blank", "redis://ann:hun ter2@host"],
  ["a % that encodes nothing", "redis://ann:hun%ter2@host"],
])(
  "a password with %s that is not encoded is reported with how to encode it, and not shown",
  (_what, url) => {
    expect(problem(url)).toMatch(/percent-encode the user and the password: @ is %40/);
    expect(problem(url)).not.toMatch(/hun|ter2|123|ann/);
  },
);

test("a password in a URL without a host is not shown either", () => {
  expect(problem("redis://ann:hunter2")).toMatch(/^its host or port is not valid; percent-encode/);
  expect(problem("redis://ann:hunter2")).not.toContain("hunter2");
  expect(problem("hunter2")).toBe("is not a URL; it has to be like redis://host:6379");
});

test("a URL for another kind of store is reported with its scheme", () => {
  expect(problem("mysql://ann:hunter2@host/db")).toBe(
    "begins with mysql://; it has to be like redis://host:6379",
  );
});
