import { describe, expect, test } from "vitest";
import type { Call, LogLine } from "../src/history/fact.ts";
import { History } from "../src/history/history.ts";
import { Hearing } from "../src/mixed/hearing.ts";
import { type Mixed, mixedChecks } from "../src/mixed/mixed-checks.ts";

const call = (change: Partial<Call> = {}): Call => ({
  ...{ type: "call", atMs: 2, askedMs: 1, account: "mix_1", way: "front-1", protocol: "chat" },
  ...{ charId: null, call: "login", answer: "ok", detail: "", parts: 1 },
  ...change,
});
const hopped: LogLine = {
  ...{ type: "log", atMs: 1, server: "map-1", message: "player moved to another map-server" },
  fields: { charId: 7 },
};

/** Every client of these protocols hears every line. */
function talk(hearing: Hearing, protocols = ["chat", "line"]): Hearing {
  for (const one of protocols) {
    const line = hearing.nextLine("mix_1", one);
    for (const other of ["chat", "line"]) hearing.heard(`mix_1: ${line}\n`, other);
  }
  return hearing;
}

const hearing = () => new Hearing(["chat", "line"]);
const record = { name: "mix_1", login: "mix_1@example.org", visits: ["chat"], failed: [], complaints: [] };
const right: Mixed = {
  records: [record],
  hearing: talk(hearing()),
  bans: [{ hit: "hit_1", problem: null }],
  charIds: new Map([["mix_1@example.org", 7]]),
};

function found(change: Partial<Mixed>, facts = [call(), hopped]): string[] {
  const history = new History();
  for (const fact of facts) history.saw(fact);
  const checks = mixedChecks(history, { ...right, ...change });
  expect(checks.filter(({ saw }) => saw === 0)).toEqual([]);
  return checks.flatMap(({ violations }) => violations.map(({ what }) => what));
}

describe("in a world without faults", () => {
  test("correct behaviour is not reported, nor that a server is busy or a banned client is refused", () => {
    const banned = call({ account: "hit_1", answer: "disconnected" });
    expect(found({}, [call(), banned, call({ answer: "FAILURE" }), hopped])).toEqual([]);
  });

  test.each<[string, Partial<Mixed>, RegExp]>([
    [
      "a visit that failed",
      { records: [{ ...record, failed: ["line: could not enter"] }] },
      /could not enter/,
    ],
    ["a client that never came", { records: [{ ...record, visits: [] }] }, /mix_1 visited by/],
    ["a packet that its protocol has not", { records: [{ ...record, complaints: ["map: x"] }] }, /map: x/],
    ["a character that stayed", { charIds: new Map([["mix_1@example.org", 8]]) }, /stayed on one map-server/],
    [
      "a protocol that another never hears",
      { hearing: talk(hearing(), ["chat"]) },
      /never heard: line → chat/,
    ],
    ["a ban that missed", { bans: [{ hit: "hit_1", problem: "is still in" }] }, /is still in/],
  ])("%s is reported", (_, change, what) => {
    expect(found(change)).toEqual([expect.stringMatching(what)]);
  });

  test("a client that only clients of its own protocol hear is reported", () => {
    const lonely = hearing();
    lonely.heard(lonely.nextLine("mix_1", "chat"), "chat");
    expect(found({ hearing: lonely })).toContain("nobody heard mix_1");
  });

  test("a refusal is reported", () => {
    expect(found({}, [call({ answer: "disconnected" }), hopped])).toEqual([
      "mix_1: login by chat, at front-1: disconnected",
    ]);
  });
});

test("words of players do not count as lines of others", () => {
  const one = hearing();
  one.heard("mix_9 says 4", "line");
  one.heard("hello", "line");
  expect(one.isHeardByOthers("mix_9")).toBe(false);
  expect(one.missing).toEqual(["chat → chat", "chat → line", "line → chat", "line → line"]);
  expect(one.isComplete("chat")).toBe(false);
});
