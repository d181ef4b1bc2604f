import { Session } from "node:inspector";

/*
 * Is loaded into a measured server before its own code. At SIGUSR2 the server collects all garbage. Unlike
 * `gc()`, this collection also gives back the memory that new objects would use next. That memory says how
 * busy a server was, and not what it keeps.
 */

let inspector: Session | null = null;
process.on("SIGUSR2", () => {
  // A server that gets no signal runs without an inspector.
  if (inspector === null) {
    inspector = new Session();
    inspector.connect();
  }
  inspector.post("HeapProfiler.collectGarbage");
});
