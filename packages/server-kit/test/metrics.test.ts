import { accepted, refused } from "@sallyport/domain";
import { ManualClock, testHost } from "@sallyport/testkit";
import { expect, test } from "vitest";
import { requestHandlers } from "../src/links/request-handlers.ts";
import { LabelledCounts, type Metrics, metricTable } from "../src/telemetry/metrics.ts";

test("every metric has a unique name by the rules of Prometheus: counters in _total, durations in seconds", () => {
  const rows = Object.values(metricTable);
  expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
  for (const { kind, name } of rows) {
    expect(name).toMatch(/^sallyport_[a-z_]+$/);
    expect(name.endsWith("_total"), name).toBe(kind === "counter");
    expect(name.endsWith("_seconds"), name).toBe(kind === "histogram");
  }
});

test("no label of a metric is about one account, character or address", () => {
  const labels = new Set(Object.values(metricTable).flatMap((row): readonly string[] => row.labels));
  expect([...labels].sort()).toEqual([
    "answer",
    "by",
    "command",
    "dialect",
    "door",
    "from",
    "game",
    "kind",
    "map",
    "operation",
    "outcome",
    "protocol",
    "request",
    "state",
    "step",
    "store",
    "transport",
    "version",
    "why",
    "with",
  ]);
});

test("requests of other servers are counted by their answer and timed; notices are not", async () => {
  const seen: unknown[] = [];
  const metrics: Metrics = {
    count: (name, labels) => void seen.push([name, labels]),
    observe: (name, labels, seconds) => void seen.push([name, labels, seconds]),
    watch() {},
    watchEach() {},
  };
  const clock = new ManualClock();
  const notices: unknown[] = [];
  const handlers = requestHandlers(testHost({ clock, metrics }), "char-server", {
    "account.hold": async () => {
      clock.standStill(250);
      return accepted({});
    },
    "account.release": async () => refused("unavailable"),
    "world.status": (notice: { players: number }) => void notices.push(notice),
  });
  expect(await handlers["account.hold"]()).toEqual(accepted({}));
  expect(await handlers["account.release"]()).toEqual(refused("unavailable"));
  handlers["world.status"]({ players: 3 });
  expect(notices).toEqual([{ players: 3 }]);
  const of = { with: "char-server" };
  expect(seen).toEqual([
    ["linkRequests", { ...of, request: "account.hold", answer: "ok" }],
    ["linkRequestSeconds", { ...of, request: "account.hold" }, 0.25],
    ["linkRequests", { ...of, request: "account.release", answer: "unavailable" }],
    ["linkRequestSeconds", { ...of, request: "account.release" }, 0],
  ]);
});

test("a label value that was counted once is reported from then on, even at 0", () => {
  const counts = new LabelledCounts<{ door: string; dialect: string }>();
  const [native, other] = [
    { door: "map", dialect: "native" },
    { door: "map", dialect: "other" },
  ];
  for (const labels of [native, other, native]) counts.add(labels, 1);
  counts.add({ ...other }, -1);
  expect([...counts]).toEqual([
    [native, 2],
    [other, 0],
  ]);
});
