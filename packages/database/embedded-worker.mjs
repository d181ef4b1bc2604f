/**
 * Runs Postgres (PGlite) on a thread of its own, so that a query never holds up a server's event loop. Plain
 * JavaScript outside src/, because a worker thread starts from a file, and this one is found from src/ and dist/.
 */
import { chmodSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { PGlite } from "@electric-sql/pglite";
import { createWireServer } from "./embedded-wire.mjs";

/** @type {{ task: "create" | "serve", folder: string, listen: string | { port: number, host: string } }} */
const { task, folder, listen } = workerData;

/** @type {string[]} */
const said = [];
const db = new PGlite(folder, {
  startParams: [...PGlite.defaultStartParams, "-c", "shared_buffers=16MB"],
  onStderr: (/** @type {string} */ line) => {
    said.push(line);
    if (said.length > 20) said.shift();
    return false;
  },
});
try {
  await db.waitReady;
} catch (error) {
  throw new Error(["Postgres did not start", ...said].join("\n"), { cause: error });
}

if (task === "create") {
  await db.close();
  process.exit();
}

const wire = createWireServer(db);
await new Promise((resolve, reject) => {
  wire.server.once("error", reject);
  wire.server.listen(listen, () => resolve(undefined));
});
if (typeof listen === "string") chmodSync(listen, 0o600);
parentPort?.postMessage({ address: wire.server.address() });
parentPort?.on("message", (asked) => {
  if (asked === "ping") parentPort?.postMessage("pong");
  else void stop();
});

async function stop() {
  await wire.close();
  await db.close();
  process.exit();
}
