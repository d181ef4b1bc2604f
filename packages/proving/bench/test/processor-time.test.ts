import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { processorMs } from "../src/processor-time.ts";

test("the processor time of a process includes its children that ended", () => {
  const before = processorMs(process.pid);
  const busy = "const t = process.cpuUsage(); while (process.cpuUsage(t).user < 100_000);";
  expect(spawnSync(process.execPath, ["-e", busy]).status).toBe(0);
  expect(processorMs(process.pid) - before).toBeGreaterThanOrEqual(90);
});

test("a process that does not exist used no processor time", () => {
  expect(processorMs(2 ** 30)).toBe(0);
});
