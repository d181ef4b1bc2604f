import { Unavailable } from "@sallyport/domain";
import { describe, expect, test } from "vitest";
import { createLog, MarkedLog, nextLevel } from "../src/log.ts";

function captured(level = "debug") {
  const lines: Record<string, unknown>[] = [];
  const log = createLog("test", level, { write: (line) => void lines.push(JSON.parse(line)) });
  return { log, lines };
}

describe("an error in a line", () => {
  test("is what it is called, says, and came from, with the causes of it", () => {
    const { log, lines } = captured();
    const cause = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
    log.warn({ err: new Unavailable("no answer", cause) }, "a store did not answer");
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

  test("has none of the fields in which drivers keep what was asked of them", () => {
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

  test("may be anything that was thrown", () => {
    const { log, lines } = captured();
    log.error({ err: "a word" }, "failed");
    expect(lines[0]).toMatchObject({ err: "a word" });
  });
});

test("the lines of a marked log carry its marks as they are then, at whatever level is set by then", () => {
  const { log, lines } = captured("info");
  let trace = "one";
  const marked = new MarkedLog(log, () => ({ trace }));
  marked.debug({ step: 1 }, "not written");
  log.level = "debug";
  marked.debug({ step: 2 }, "written");
  trace = "two";
  marked.info({ step: 3 }, "info");
  marked.warn({ step: 4 }, "warn");
  marked.error({ step: 5, trace: "of its own" }, "error");
  expect(lines.map(({ trace, step, msg }) => [trace, step, msg])).toEqual([
    ["one", 2, "written"],
    ["two", 3, "info"],
    ["two", 4, "warn"],
    ["of its own", 5, "error"],
  ]);
});

test("an operator goes round the levels, and comes to each from any that was set", () => {
  expect(["info", "debug", "warn"].map(nextLevel)).toEqual(["debug", "warn", "info"]);
  expect(["error", "silent"].map(nextLevel)).toEqual(["info", "info"]);
});
