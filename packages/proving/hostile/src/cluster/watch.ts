import { setTimeout } from "node:timers/promises";
import type { SallyportProcess } from "@sallyport/testkit";

/** The worst values of one server while it was watched. */
export interface Worst {
  residentBytes: number;
  /** The largest 99th percentile that one reading of the metrics returned. */
  lagP99Ms: number;
  lagMaxMs: number;
  clients: number;
  /** Number of readings that failed because the admin port did not answer in time. */
  unanswered: number;
}

const everyMs = 1_000;

/** Reads the metrics of each server once a second, until `stop` is called. */
export function watch(servers: readonly SallyportProcess[]): { stop(): Promise<readonly Worst[]> } {
  const over = new AbortController();
  const watching = Promise.all(servers.map((server) => watchOne(server, over.signal)));
  return {
    stop() {
      over.abort();
      return watching;
    },
  };
}

async function watchOne(server: SallyportProcess, over: AbortSignal): Promise<Worst> {
  const seen: Worst = { residentBytes: 0, lagP99Ms: 0, lagMaxMs: 0, clients: 0, unanswered: 0 };
  // Each reading of the metrics restarts the measurement of the lag. The first reading covers the time before
  // this function was called, so its result is dropped.
  await look(server, { ...seen });
  while (!over.aborted) {
    await setTimeout(everyMs, null, { signal: over }).catch(() => null);
    await look(server, seen);
  }
  return seen;
}

async function look(server: SallyportProcess, seen: Worst): Promise<void> {
  if (!server.isRunning) return;
  try {
    const metrics = await server.metrics();
    const raise = (name: keyof Worst, to: number): void => {
      seen[name] = Math.max(seen[name], to);
    };
    raise("residentBytes", metrics.value("process_resident_memory_bytes"));
    raise("lagP99Ms", metrics.value("nodejs_eventloop_lag_p99_seconds") * 1_000);
    raise("lagMaxMs", metrics.value("nodejs_eventloop_lag_max_seconds") * 1_000);
    raise("clients", metrics.value("sallyport_clients"));
  } catch {
    seen.unanswered += 1;
  }
}
