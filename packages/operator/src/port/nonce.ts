import { randomBytes } from "node:crypto";

/*
 * A request that changes something carries a nonce in the header `sallyport-nonce`:
 *
 *     milliseconds since 1970 "." 16 random bytes in hexadecimal digits
 *
 * A server refuses a nonce that any server of the cluster has seen, and one whose time is too far away. So a
 * request that was recorded, or sent again by a proxy, changes nothing a second time.
 */

export const nonceHeader = "sallyport-nonce";

/** The clocks of operators and servers may differ by this many milliseconds. */
export const clockDifferenceMaxMs = 60_000;

export const newNonce = (nowMs: number): string => `${nowMs}.${randomBytes(16).toString("hex")}`;

/** Returns the problem of a nonce, or null. Says nothing about an earlier use. */
export function nonceProblem(
  nonce: string | undefined,
  nowMs: number,
): "nonce-missing" | "nonce-late" | null {
  const [, atMs] = /^(\d{1,15})\.[0-9a-f]{32}$/.exec(nonce ?? "") ?? [];
  if (atMs === undefined) return "nonce-missing";
  return Math.abs(nowMs - Number(atMs)) > clockDifferenceMaxMs ? "nonce-late" : null;
}
