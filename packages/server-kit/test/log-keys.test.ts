import { expect, test } from "vitest";
import { createLog, type Log } from "../src/telemetry/log.ts";
import { type LogFields, logKeys, problemsOfLine } from "../src/telemetry/log-keys.ts";

/** Returns the mistakes in the log line that `write` causes. */
function wrongWith(write: (log: Log) => void): string[] {
  const lines: string[] = [];
  write(createLog("map", "debug", { write: (line) => void lines.push(line) }));
  expect(lines).toHaveLength(1);
  return problemsOfLine(lines[0] ?? "");
}

test("a line with only keys of the table is valid, with any texts", () => {
  const fields: LogFields = {
    ...{
      trace: "0123",
      remote: "192.0.2.9:7",
      accountId: 7,
      reason: null,
      why: 'a "quoted"\n\u2028 \ud800 one',
    },
    ...{ maps: ["harbour"], unsaved: [1, 2], clients: { host: "::1", port: 7_100 }, tls: true },
    ...{ err: new Error("outer", { cause: new Error("inner") }), map: undefined },
  };
  expect(wrongWith((log) => log.warn(fields, "a line"))).toEqual([]);
  expect(wrongWith((log) => log.child({ worker: 3 }).info({ pid: 4 }, "worker ready"))).toEqual([]);
});

test("a line with an unknown key, or a value of another kind, is reported", () => {
  const stray: object = { mapServer: "map-1", accountId: "7", maps: "harbour" };
  expect(wrongWith((log) => log.info(stray, "a line"))).toEqual([
    "mapServer is not a key of log lines",
    'accountId is no number: "7"',
    'maps is no texts: "harbour"',
  ]);
});

test("a line with one key twice is reported, however it came there", () => {
  const server: object = { server: "map-1" };
  const twice = "a key stands twice in it";
  expect(wrongWith((log) => log.info(server, "a line"))).toEqual([twice]);
  expect(wrongWith((log) => log.child({ worker: 1 }).info({ worker: 2 }, "a line"))).toEqual([twice]);
  expect(problemsOfLine('{"err":{"type":"Error","type":"Error"}}\n')).toEqual([twice]);
});

test("keys are camel case, and no two differ in case alone", () => {
  const keys = Object.keys(logKeys);
  expect(keys.filter((key) => !/^[a-z]+([A-Z][a-z]+)*$/.test(key))).toEqual([]);
  expect(new Set(keys.map((key) => key.toLowerCase())).size).toBe(keys.length);
});
