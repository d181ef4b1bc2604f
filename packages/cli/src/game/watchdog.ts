import { url as debuggerUrl } from "node:inspector";
import { Worker } from "node:worker_threads";
import type { CallWatch } from "@sallyport/game-core";
import type { NamedHandler, WatchdogData } from "./watchdog-thread.ts";

export interface Watchdog {
  readonly calls: CallWatch;
  stop(): Promise<void>;
}

const callsMax = 2 ** 31 - 1;

/**
 * Starts a thread that ends the process with SIGKILL if one call of a handler lasts longer than `stuckMs`: the
 * handler holds the only thread of the servers, so nothing else can end it. Calls do not count while a debugger
 * can stop them. `server` names the process in the log line.
 */
export function startWatchdog({
  server,
  stuckMs,
  failed,
}: {
  readonly server: string;
  readonly stuckMs: number;
  readonly failed: (error: unknown) => void;
}): Watchdog {
  const cells = new Int32Array(new SharedArrayBuffer(8));
  const workerData: WatchdogData = { cells, stuckMs, server };
  const thread = new Worker(new URL("./watchdog-thread.js", import.meta.url), { workerData, execArgv: [] });
  thread.on("error", failed);
  thread.unref();
  const idsOfMaps = new Map<string | null, Map<string, number>>();
  let [handlers, call] = [0, 0];
  const newId = (handler: string, map: string | null): number => {
    handlers += 1;
    const named: NamedHandler = { id: handlers, handler, map };
    thread.postMessage(named);
    const ids = idsOfMaps.get(map) ?? new Map<string, number>();
    idsOfMaps.set(map, ids.set(handler, handlers));
    return handlers;
  };
  return {
    calls: {
      began(handler, map) {
        if (debuggerUrl() !== undefined) return;
        call = call === callsMax ? 1 : call + 1;
        Atomics.store(cells, 1, idsOfMaps.get(map)?.get(handler) ?? newId(handler, map));
        Atomics.store(cells, 0, call);
      },
      ended() {
        Atomics.store(cells, 0, 0);
      },
    },
    async stop() {
      await thread.terminate();
    },
  };
}
