import { accepted, type LoginTicket, type Outcome, refused } from "@sallyport/domain";
import { accountLockCore, accountLockKey, areSameIds, type LockTiming } from "@sallyport/lock-core";
import { LockService, type LockStore } from "@sallyport/lock-store";

export type IsLoggedIn = (
  ticket: LoginTicket,
) => Promise<Outcome<Record<never, never>, "not-logged-in" | "unavailable">>;

/**
 * Returns the check whether a client shows the ids of the login that has the account. A login that was told to
 * leave does not have it any more. The check changes no lock.
 */
export function loginCheck(store: LockStore, timing: LockTiming): IsLoggedIn {
  const locks = new LockService({ store, core: accountLockCore(timing) });
  return async ({ accountId, ...ids }) => {
    const { lock } = await locks.read(accountLockKey(accountId));
    const isIn = lock.state === "granted" || lock.state === "held";
    if (isIn && areSameIds(lock, ids)) return accepted({});
    // While locks that were lost are reported again, a lock that looks free may be held.
    const leftMs = lock.state === "free" ? store.losses.graceLeftMs() : 0;
    return leftMs > 0 ? refused("unavailable", leftMs) : refused("not-logged-in");
  };
}
