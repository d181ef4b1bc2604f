import { Unavailable } from "@sallyport/domain";
import { replyCode } from "@sallyport/redis";

/** Only a bug in this project can cause these errors, so waiting does not help. */
const bugs = new Set(["ERR", "CROSSSLOT", "NOSCRIPT"]);

/**
 * Converts the error of a failed command for the caller. Everything that prevents an answer is `Unavailable`:
 * no connection, no answer in time, and refusals such as LOADING, READONLY, OOM, MASTERDOWN, BUSY, MISCONF or
 * NOAUTH. A key that another program overwrote (WRONGTYPE) is `Unavailable` too: only the work that needs
 * this key fails, and no process ends.
 */
export function storeError(error: unknown, what: string): Error {
  const code = replyCode(error);
  const message = `${what}: ${error instanceof Error ? error.message : String(error)}`;
  if (code !== undefined && bugs.has(code)) return new Error(message, { cause: error });
  return new Unavailable(message, { store: "Redis", cause: error });
}
