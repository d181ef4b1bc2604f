import { readFileSync } from "node:fs";
import { basename } from "node:path";
import type { BotsReport } from "@sallyport/bots";
import { describe, expect, test } from "vitest";
import { allocatorEnvironment } from "../src/cluster/allocator.ts";
import { LogBook } from "../src/cluster/log-book.ts";
import { countConnections } from "../src/cluster/open-connections.ts";
import { parseCommandLine } from "../src/command-line.ts";
import type { HostileReport, ServerReport } from "../src/hostile-report.ts";
import { judge } from "../src/verdict.ts";

const played = { errors: {}, errorsTotal: 0, hopsTotal: 10 } as unknown as BotsReport;
const memory = { aloneBytes: 120, collectedBytes: 100, liveBytes: 50 };
const login = {
  name: "login",
  isRunning: true,
  memory: { fresh: memory, before: memory, peakBytes: 300, after: memory },
  leaks: 0,
} as unknown as ServerReport;
const talk = { said: 4, heard: 4, latencyMs: { count: 4, p50: 1, p95: 1, p99: 1, max: 1 }, error: null };
const port = { name: "login tcp", port: 7100, before: 1, after: 1 };
const junk = {
  name: "junk",
  what: "",
  tried: 5,
  connected: 5,
  ended: 5,
  hungUp: 0,
  answers: {},
  forbidden: ["let in"],
};
const held: Omit<HostileReport, "problems"> = {
  seed: 1,
  layout: "separate",
  allocator: "jemalloc",
  residentGrowthMax: 1.1,
  attackSeconds: 1,
  bots: {
    direct: { before: played, during: played, after: played },
    gateway: { before: played, during: played, after: played },
  },
  talk: { before: talk, during: talk, after: talk },
  servers: [login],
  ports: [port],
  attacks: [junk],
};
const failed = { ...played, errorsTotal: 1, errors: { kicked: { count: 1, first: "bot_1" } } };
const withMemory = (after: Partial<typeof memory>): ServerReport => ({
  ...login,
  memory: { ...login.memory, after: { ...memory, ...after } },
});

describe("the verdict", () => {
  test("finds nothing if all limits hold, with memory within a tenth", () => {
    expect(judge(held)).toEqual([]);
    expect(judge({ ...held, servers: [withMemory({ collectedBytes: 110, liveBytes: 55 })] })).toEqual([]);
  });

  test.each([
    [
      { bots: { ...held.bots, direct: { ...held.bots.direct, during: failed } } },
      /bots at the servers' own doors met 1 errors during the attack; kicked, first: bot_1/,
    ],
    [
      { bots: { ...held.bots, gateway: { ...held.bots.gateway, after: { ...played, hopsTotal: 0 } } } },
      /no bot through the gateway got anywhere after/,
    ],
    [
      { talk: { ...held.talk, during: { ...talk, error: "Error: closed" } } },
      /the talk at the front ended during the attack: Error: closed/,
    ],
    [{ talk: { ...held.talk, after: { ...talk, heard: 0 } } }, /nobody at the front heard a line after/],
    [{ servers: [{ ...login, isRunning: false }] }, /the login process died/],
    [{ servers: [withMemory({ collectedBytes: 111 })] }, /kept 1\.11 times its memory/],
    [{ servers: [withMemory({ liveBytes: 60 })] }, /kept 1\.20 times what it uses/],
    [{ servers: [withMemory({ collectedBytes: Number.NaN })] }, /kept NaN times its memory/],
    [{ servers: [{ ...login, leaks: 2 }] }, /logged 2 lines with a secret/],
    [{ ports: [{ ...port, after: 3 }] }, /login tcp had 1 connections before, and 3 afterwards/],
    [{ attacks: [{ ...junk, connected: 0 }] }, /junk never got a connection/],
    [{ attacks: [{ ...junk, answers: { "let in": 2 } }] }, /junk got 2 times: let in/],
  ])("%# names the limit that did not hold", (change, problem) => {
    expect(judge({ ...held, ...change } as Omit<HostileReport, "problems">)).toEqual([
      expect.stringMatching(problem),
    ]);
  });
});

test("connections are counted at both ends of a port, without listeners and those that only the kernel has open", () => {
  const row = (local: string, state: string, inode: number, remote = "C001", from = "0100007F"): string =>
    `   0: 0100007F:${local} ${from}:${remote} ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1`;
  const text = [
    "  sl  local_address rem_address",
    row("1BBC", "0A", 11),
    row("1BBC", "01", 12),
    row("1BBC", "08", 13),
    row("1BBC", "06", 0),
    row("C001", "01", 14),
    row("C001", "08", 15, "1C20"),
    row("1C20", "01", 16, "C002", "0100437F"),
  ].join("\n");
  const counted = (notOwn: number[]) => [...countConnections(text, [7100, 7200], new Set(notOwn)).values()];
  expect(counted([])).toEqual([2, 2]);
  // Only the one of an attacker, at 127.67.0.1.
  expect(counted([7200])).toEqual([2, 1]);
});

test("a log is counted by message and reason, and a secret in any line is noticed", () => {
  const book = new LogBook(["hidden"]);
  book.add('{"msg":"login refused","why":"busy"}');
  book.add('{"msg":"login refused","why":"busy"}');
  book.add("a stack with hidden in it");
  expect(book.counts).toEqual({ "login refused: busy": 2, "not JSON": 1 });
  expect(book.leaks).toEqual(["a stack with hidden in it"]);
});

test("servers run on the allocator of the image, with its settings", () => {
  const image = readFileSync(new URL("../../../../Dockerfile", import.meta.url), "utf8");
  const { LD_PRELOAD = "", MALLOC_CONF = "" } = allocatorEnvironment("jemalloc");
  expect(image).toContain(`ENV LD_PRELOAD=${basename(LD_PRELOAD)} MALLOC_CONF=${MALLOC_CONF}\n`);
  expect(allocatorEnvironment("libc")).toEqual({});
});

test("a size out of range is refused, and each attack's can be set", () => {
  expect(parseCommandLine(["--junk", "many"])).toMatchObject({ ok: false, exitCode: 2 });
  expect(parseCommandLine(["--junk", "7", "--set", "LOGIN_UNREAD_MS=500"])).toMatchObject({
    ok: true,
    value: { run: { counts: { junk: 7, "half-open": 2_000 }, settings: { LOGIN_UNREAD_MS: "500" } } },
  });
  expect(parseCommandLine(["--help"])).toMatchObject({ ok: false, exitCode: 0 });
});
