import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SallyportProcess, until } from "../src/index.ts";
import { removeFolder, temporaryFolder } from "../src/store-process.ts";

let folder: string;
beforeEach(() => {
  folder = temporaryFolder("process");
});
afterEach(() => removeFolder(folder));

/** Runs any Node script in place of the command. */
const running = (script: string, more: { adminPort?: number; logFile?: string } = {}) =>
  new SallyportProcess({ name: "it", args: [], environment: {}, folder, program: ["-e", script], ...more });

describe("a process", () => {
  test("that ends before it is ready is reported with its last output", async () => {
    const script = "console.log('not', 'today'); process.exitCode = 3;";
    for (const more of [{}, { logFile: join(folder, "it.log") }]) {
      const it = running(script, { adminPort: 1, ...more });
      await expect(it.start()).rejects.toThrow("it ended early:\nnot today");
      expect(it.exitCode).toBe(3);
    }
  });

  test("that ended is followed by one in the same folder, with one log", async () => {
    const logFile = join(folder, "it.log");
    const it = running("console.log(process.env.SALLYPORT_DATA); setInterval(() => {}, 1_000)", { logFile });
    const hasPrinted = (times: number): boolean =>
      readFileSync(logFile, "utf8") === `${folder}\n`.repeat(times);
    for (const times of [1, 2]) {
      it.spawn();
      await until(() => hasPrinted(times), { what: `it printed ${times} times` });
      expect(it.exitCode).toBeNull();
      expect(await it.stop(10_000)).toBe(128);
    }
  });

  test("that does not end on request is killed", async () => {
    const it = running("process.on('SIGTERM', () => {}); console.log('deaf'); setInterval(() => {}, 1_000)");
    it.spawn();
    await until(() => it.tail === "deaf", { what: "it ignores the signal" });
    expect(await it.stop(20)).toBe(128);
    expect(it.isRunning).toBe(false);
  });
});
