import { replyCode } from "@sallyport/redis";
import { StoreUnavailable } from "../store-unavailable.ts";

/** Kinds that only a bug of ours can bring about: waiting would not cure them. */
const bugs = new Set(["ERR", "CROSSSLOT", "NOSCRIPT"]);

/**
 * What a failed command means to the caller. Everything between us and an answer is `StoreUnavailable`: no
 * connection, no answer in time, and refusals such as LOADING, READONLY, OOM, MASTERDOWN, BUSY, MISCONF or NOAUTH. So is
 * a key of ours that others overwrote (WRONGTYPE): it costs what needs that key, and no process.
 */
export function storeError(error: unknown, what: string): Error {
  const code = replyCode(error);
  const message = `${what}: ${error instanceof Error ? error.message : String(error)}`;
  if (code !== undefined && bugs.has(code)) return new Error(message, { cause: error });
  return new StoreUnavailable(message, { cause: error });
}
