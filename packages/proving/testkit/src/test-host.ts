import { randomBytes } from "node:crypto";
import type { Host } from "@sallyport/server-kit";
import { ManualClock } from "./manual-clock.ts";

const nothing = (): void => {};
const silentLog: Host["log"] = {
  level: "silent",
  ...{ debug: nothing, info: nothing, warn: nothing, error: nothing, fatal: nothing },
  child: () => silentLog,
  flush: (done) => done?.(),
};

/**
 * A host for servers under test, with a silent log. `failed` throws the error, so a bug in a server fails the
 * test.
 */
export const testHost = (given: Partial<Host> = {}): Host => ({
  clock: new ManualClock(),
  random: () => 0.5,
  randomBytes,
  wallMs: Date.now,
  log: silentLog,
  metrics: { count: nothing, observe: nothing, watch: nothing, watchEach: nothing },
  failed(error) {
    throw error;
  },
  ...given,
});
