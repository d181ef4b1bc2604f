import { Session } from "node:inspector";

/**
 * A measured server loads this file before its own code. At SIGUSR2 the server collects all garbage. Unlike
 * `gc()`, this collection also returns unused heap to the system. The size of the unused heap depends on how
 * busy a server was, and not on how much it keeps.
 */

let inspector: Session | null = null;
process.on("SIGUSR2", () => {
  // The inspector starts only at the first signal.
  if (inspector === null) {
    inspector = new Session();
    inspector.connect();
  }
  inspector.post("HeapProfiler.collectGarbage");
});
