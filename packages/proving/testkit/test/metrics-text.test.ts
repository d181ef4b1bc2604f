import { expect, test } from "vitest";
import { readMetrics } from "../src/metrics-text.ts";

test("metrics are read with their labels, and summed over labels that are not given", () => {
  const metrics = readMetrics(
    '# HELP a b\nup 1\nended{door="login",why="client"} 2\nended{door="char",why="client"} 3\nended{door="char",why="silence"} 4e0\n',
  );
  expect(metrics.value("up")).toBe(1);
  expect(metrics.value("ended", { door: "char" })).toBe(7);
  expect(metrics.by("ended", "why")).toEqual({ client: 5, silence: 4 });
});
