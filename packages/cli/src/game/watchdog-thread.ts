import { writeSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { looksMax, StuckCalls } from "./stuck-calls.ts";

/* The thread that ends the process if a handler of the game does not return. See `startWatchdog`. */

/** What the thread is started with. */
export interface WatchdogData {
  /** The number of the call that runs, or 0; and the id of its handler. */
  readonly cells: Int32Array;
  readonly stuckMs: number;
  /** The name of the process in log lines. */
  readonly server: string;
}

/** Names a handler before its first call. */
export interface NamedHandler {
  readonly id: number;
  readonly handler: string;
  readonly map: string | null;
}

const { cells, stuckMs, server } = workerData as WatchdogData;
const named = new Map<number, NamedHandler>();
const calls = new StuckCalls();

parentPort?.on("message", (each: NamedHandler) => named.set(each.id, each));
setInterval(() => {
  if (!calls.look(Atomics.load(cells, 0))) return;
  const { handler, map } = named.get(Atomics.load(cells, 1)) ?? { handler: null, map: null };
  tell({
    handler,
    map,
    withinMs: stuckMs,
    msg: "a handler of the game does not return; the process ends now",
  });
  process.kill(process.pid, "SIGKILL");
}, stuckMs / looksMax);

/** Writes a line like those of the log, which is in the thread that is stuck. */
function tell(fields: object): void {
  try {
    writeSync(2, `${JSON.stringify({ level: 60, time: Date.now(), server, ...fields })}\n`);
  } catch {
    // If nobody reads stderr, its pipe is full. The process has to end anyway.
  }
}
