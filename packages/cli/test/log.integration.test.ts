import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";

/**
 * This program writes lines of 1 KiB. It then reports whether some lines still wait to be read. It ends at
 * SIGTERM.
 */
const logging = (lines: number) => `
  import { createLog, written } from ${JSON.stringify(import.meta.resolve("../../server-kit/dist/index.js"))};
  const log = createLog("test", "info");
  process.once("SIGTERM", () => written(log).then(() => process.exit(0)));
  for (let line = 0; line < ${lines}; line += 1) log.info({ line, pad: "x".repeat(1_000) }, "a line");
  let all = false;
  written(log).then(() => { all = true; });
  setImmediate(() => process.stdout.write(all ? "all are written" : "some wait"));
  setInterval(() => {}, 1_000);
`;

test("a log that is not read does not delay the server, and is complete once it is read", async () => {
  const child = spawn(process.execPath, ["--input-type=module", "--eval", logging(4_000)], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = once(child, "close");
  // The test has read nothing from stderr until now.
  expect(String((await once(child.stdout, "data"))[0])).toBe("some wait");
  let read = "";
  child.stderr.on("data", (chunk: Buffer) => {
    read += chunk.toString();
  });
  child.kill("SIGTERM");
  await ended;
  const lines = read.trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line).line)).toEqual(
    Array.from({ length: 4_000 }, (_, line) => line),
  );
});
