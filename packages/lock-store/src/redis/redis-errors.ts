import { replyCode } from "@sallyport/redis";
import { StoreUnavailable } from "../store-unavailable.ts";

/** Kinds that only a bug of ours, or a foreign hand in our keys, can bring about: waiting would not cure them. */
const bugs = new Set(["ERR", "WRONGTYPE", "CROSSSLOT", "NOSCRIPT"]);

/**
 * What a failed command means to the caller. Everything between us and an answer is `StoreUnavailable`: no
 * connection, no answer in time, and refusals such as LOADING, READONLY, OOM, MASTERDOWN, BUSY, MISCONF or NOAUTH.
 */
export function storeError(error: unknown, what: string): Error {
  const code = replyCode(error);
  const message = `${what}: ${error instanceof Error ? error.message : String(error)}`;
  if (code !== undefined && bugs.has(code)) return new Error(message, { cause: error });
  return new StoreUnavailable(message, { cause: error });
}
