import { Unavailable } from "@sallyport/domain";
import { ManualClock } from "@sallyport/testkit";
import { describe, expect, test } from "vitest";
import { orUnavailable } from "../src/running/unavailable.ts";
import { createLog, MarkedLog, nextLevel } from "../src/telemetry/log.ts";

function captured(level = "debug") {
  const lines: Record<string, unknown>[] = [];
  const clock = new ManualClock();
  const log = createLog("test", level, { write: (line) => void lines.push(JSON.parse(line)) }, clock);
  return { log, lines, clock };
}

describe("an error in a line", () => {
  test("has its name, message and stack, and those of its causes", () => {
    const { log, lines } = captured();
    const cause = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
    log.warn({ err: new Unavailable("no answer", { cause }) }, "a store did not answer");
    expect(lines[0]).toMatchObject({
      server: "test",
      err: {
        type: "Unavailable",
        message: "no answer",
        stack: expect.stringContaining("log.test.ts"),
        cause: { message: "read ECONNRESET", code: "ECONNRESET" },
      },
    });
  });

  test("has none of the fields in which drivers keep requests", () => {
    const { log, lines } = captured();
    const reply = Object.assign(new Error("OOM command not allowed"), {
      command: { name: "evalsha", args: ["account:7", "secret"] },
      detail: "Key (name)=(secret) already exists.",
      parameters: ["secret"],
    });
    log.error({ err: new Error("outer", { cause: reply }) }, "failed");
    log.error({ err: reply }, "failed");
    expect(JSON.stringify(lines)).not.toContain("secret");
  });

  test("may be any thrown value", () => {
    const { log, lines } = captured();
    log.error({ err: "a word" }, "failed");
    expect(lines[0]).toMatchObject({ err: "a word" });
  });
});

test("the lines of a marked log have the current values of its marks, at the current level", () => {
  const { log, lines } = captured("info");
  let trace = "one";
  const marked = new MarkedLog(log, () => ({ trace }));
  marked.debug({ ms: 1 }, "not written");
  log.level = "debug";
  marked.debug({ ms: 2 }, "written");
  trace = "two";
  marked.info({ ms: 3 }, "info");
  marked.warn({ ms: 4 }, "warn");
  marked.error({ ms: 5, trace: "of its own" }, "error");
  expect(lines.map(({ trace, ms, msg }) => [trace, ms, msg])).toEqual([
    ["one", 2, "written"],
    ["two", 3, "info"],
    ["two", 4, "warn"],
    ["of its own", 5, "error"],
  ]);
});

test("an operator can cycle through the levels, and reaches each from any level that was set", () => {
  expect(["info", "debug", "warn"].map(nextLevel)).toEqual(["debug", "warn", "info"]);
  expect(["error", "silent"].map(nextLevel)).toEqual(["info", "info"]);
});

describe("a line that a flood of requests would repeat", () => {
  const refuse = (log: MarkedLog, error: Error) => orUnavailable(log, () => Promise.reject(error));

  test("is written once a second while a store is down, with the number of repetitions", async () => {
    const { log, lines, clock } = captured();
    for (let second = 0; second < 3; second += 1) {
      for (let login = 0; login < 200; login += 1)
        await refuse(new MarkedLog(log, () => ({ trace: `${second}-${login}` })), new Unavailable("away"));
      await clock.advance(1_000);
    }
    expect(lines.map(({ trace, times, msg }) => [trace, times, msg])).toEqual([
      ["0-0", undefined, "a store did not answer"],
      ["0-199", 199, "a store did not answer"],
      ["1-199", 200, "a store did not answer"],
      ["2-199", 200, "a store did not answer"],
    ]);
  });

  test("is written for each of two stores", async () => {
    const { log, lines } = captured();
    const marked = new MarkedLog(log, () => ({}));
    for (let login = 0; login < 10; login += 1) {
      await refuse(marked, new Unavailable("Postgres is away", { store: "Postgres" }));
      await refuse(marked, new Unavailable("Redis is away", { store: "Redis" }));
    }
    expect(lines).toMatchObject([
      { err: { message: "Postgres is away" } },
      { err: { message: "Redis is away" } },
    ]);
  });

  test("is written at once after a quiet second", async () => {
    const { log, lines, clock } = captured();
    log.warn({ key: "account:1" }, "an expired lock could not be freed; trying again");
    await clock.advance(1_000);
    log.warn({ key: "account:2" }, "an expired lock could not be freed; trying again");
    await clock.advance(10_000);
    expect(lines).toMatchObject([{ key: "account:1" }, { key: "account:2" }]);
    expect(lines.some((line) => "times" in line)).toBe(false);
  });

  test("delays no other line", () => {
    const { log, lines } = captured();
    for (let charId = 0; charId < 500; charId += 1)
      log.error({ charId }, "final save of a player not stored");
    expect(lines).toHaveLength(500);
  });
});
