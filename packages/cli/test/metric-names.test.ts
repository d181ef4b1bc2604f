import { expect, test } from "vitest";
import { PrometheusMetrics } from "../src/process/prometheus-metrics.ts";

interface Declared {
  readonly name: string;
  readonly type: string;
  readonly help: string;
}

/** These patterns check the same rules about names as `promtool check metrics`. */

const abbreviations = /_(s|ms|us|ns|sec|b|kb|mb|gb|tb|pb|m|h|d)(_|$)/;
const notBase =
  /_(milliseconds|microseconds|nanoseconds|minutes|hours|days|weeks|kilobytes|megabytes|gigabytes|bits|percent|percents)(_|$)/;

const rules: readonly (readonly [says: string, isBroken: (declared: Declared) => boolean])[] = [
  ["has no help", ({ help }) => help.trim() === ""],
  ["counters end in _total", ({ name, type }) => type === "counter" && !name.endsWith("_total")],
  ["others do not", ({ name, type }) => type !== "counter" && name.endsWith("_total")],
  ["names are words in lower case", ({ name }) => !/^[a-z][a-z0-9_]*$/.test(name)],
  ["units are not abbreviated", ({ name }) => abbreviations.test(name)],
  ["units are seconds, bytes and ratios", ({ name }) => notBase.test(name)],
  ["a name does not say its type", ({ name, type }) => name.split("_").includes(type)],
  ["these endings are of histograms", ({ name }) => /_(count|sum|bucket)$/.test(name)],
];

const broken = (declared: Declared): string[] =>
  rules.filter(([, isBroken]) => isBroken(declared)).map(([says]) => `${declared.name}: ${says}`);

test("every metric of a process follows the naming rules of Prometheus", async () => {
  const text = await new PrometheusMetrics().text();
  const types = new Map(
    [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = "", type = ""]) => [name, type]),
  );
  const declared = [...text.matchAll(/^# HELP (\S+) ?(.*)$/gm)].map(
    ([, name = "", help = ""]): Declared => ({ name, help, type: types.get(name) ?? "none" }),
  );
  expect(declared.length).toBeGreaterThan(50);
  expect(declared).toHaveLength(types.size);
  expect(declared.flatMap(broken)).toEqual([]);
});

test.each<[Declared, string]>([
  [{ name: "nodejs_active_handles_total", type: "gauge", help: "handles" }, "others do not"],
  [{ name: "logins", type: "counter", help: "logins" }, "counters end in _total"],
  [{ name: "login_ms", type: "histogram", help: "time" }, "units are not abbreviated"],
  [{ name: "login_milliseconds", type: "histogram", help: "time" }, "units are seconds, bytes and ratios"],
  [{ name: "logins_count", type: "gauge", help: "logins" }, "these endings are of histograms"],
  [{ name: "logins", type: "gauge", help: "" }, "has no help"],
])("the rules reject %o", (declared, says) => {
  expect(broken(declared)).toEqual([`${declared.name}: ${says}`]);
});
