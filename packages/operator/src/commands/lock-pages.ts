import type { LockRow, LocksAnswer } from "../answers.ts";
import { pageMax, locks as request } from "../requests/cluster-requests.ts";
import { type AdminPortAt, ask } from "./ask.ts";

/** A command lists at most this many locks. */
export const listedMax = 10_000;

/**
 * Reads pages until there are as many locks as requested, or no more pages. One page may not be enough,
 * because a filter may leave few of its locks.
 */
export async function allLocks(
  at: AdminPortAt,
  filters: { readonly [field: string]: string | undefined },
): Promise<LocksAnswer> {
  const limit = Number(filters["limit"] ?? 100);
  const locks: LockRow[] = [];
  let after = filters["after"];
  for (;;) {
    const part = String(Math.min(limit - locks.length, pageMax));
    const page = (await ask(at, request, { ...filters, after, limit: part })) as LocksAnswer;
    locks.push(...page.locks);
    if (page.next === null || locks.length >= limit) return { ...page, locks };
    after = page.next;
  }
}
