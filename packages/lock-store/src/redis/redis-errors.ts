import { Unavailable } from "@sallyport/domain";
import { replyCode } from "@sallyport/redis";

/** Errors that only a bug in this project can cause: waiting does not help. */
const bugs = new Set(["ERR", "CROSSSLOT", "NOSCRIPT"]);

/**
 * The meaning of a failed command for the caller. Everything that prevents an answer is `Unavailable`: no
 * connection, no answer in time, and refusals such as LOADING, READONLY, OOM, MASTERDOWN, BUSY, MISCONF or
 * NOAUTH. The same holds for a key that another program overwrote (WRONGTYPE): it fails the work that needs
 * that key, and no process.
 */
export function storeError(error: unknown, what: string): Error {
  const code = replyCode(error);
  const message = `${what}: ${error instanceof Error ? error.message : String(error)}`;
  if (code !== undefined && bugs.has(code)) return new Error(message, { cause: error });
  return new Unavailable(message, { store: "Redis", cause: error });
}
