import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { pssKb, settledKb } from "../src/memory/resident.ts";

const collector = fileURLToPath(new URL("../dist/memory/collect-on-signal.js", import.meta.url));

test("garbage does not count as memory of a process that collects at a signal", async () => {
  const fill = "let kept = []; for (let nth = 0; nth < 2_000_000; nth += 1) kept.push({ nth }); kept = null;";
  const program = `${fill} process.stdout.write("full"); setInterval(() => {}, 1_000);`;
  const child = spawn(process.execPath, ["--import", collector, "-e", program]);
  try {
    await once(child.stdout, "data");
    const { pid = 0 } = child;
    const fullKb = pssKb(pid);
    const settled = await settledKb({ program: pid }, ["program"]);
    expect(fullKb - (settled["program"] ?? 0)).toBeGreaterThan(20 << 10);
  } finally {
    child.kill("SIGKILL");
  }
});
