import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { afterAll, expect, test } from "vitest";

/** Each thread has modules of its own, as each program has. */
const program = `
import { parentPort } from "node:worker_threads";
import { freePorts } from "${new URL("../dist/free-ports.js", import.meta.url).href}";
parentPort.postMessage([...(await freePorts(30)), ...(await freePorts(90))]);
parentPort.on("message", () => {});
`;
const programs: Worker[] = [];
afterAll(() => Promise.all(programs.map((each) => each.terminate())));

test("programs that run at the same time get different ports, although nobody listens there", async () => {
  const url = new URL(`data:text/javascript,${encodeURIComponent(program)}`);
  for (let nth = 0; nth < 4; nth += 1) programs.push(new Worker(url));
  const got = await Promise.all(programs.map(async (each) => (await once(each, "message"))[0] as number[]));
  const all = got.flat();
  expect(new Set(all).size).toBe(480);
  expect(Math.min(...all)).toBeGreaterThan(20_000);
  expect(Math.max(...all)).toBeLessThan(32_000);
});
