import { Session } from "node:inspector";

/*
 * A measured server loads this file before its own code. At SIGUSR2 the server collects all garbage. Unlike
 * `gc()`, this collection also gives back unused heap. The size of the unused heap shows how busy a server
 * was, and not how much the server keeps.
 */

let inspector: Session | null = null;
process.on("SIGUSR2", () => {
  // A server without a signal runs without an inspector.
  if (inspector === null) {
    inspector = new Session();
    inspector.connect();
  }
  inspector.post("HeapProfiler.collectGarbage");
});
