import type { AccountOrder, AccountOrders, NetworkBans } from "@sallyport/database";
import type { HintBus } from "@sallyport/directory";
import type { LockTiming } from "@sallyport/lock-core";
import { FollowedOrders, type Host, kickOfOrder, waits } from "@sallyport/server-kit";
import type { AccountLocks } from "./account-locks.ts";

export interface OrdersDeps {
  readonly accountOrders: Pick<AccountOrders, "lastOrderBefore" | "ordersAfter">;
  readonly networkBans: Pick<NetworkBans, "bansAfter">;
  readonly locks: Pick<AccountLocks, "putOut">;
  readonly timing: Pick<LockTiming, "evictMs">;
  readonly hints: HintBus | null;
  /** Called when there are new bans of networks or devices. */
  readonly banned: () => void;
}

/** Puts out banned accounts, whichever program banned them. */
export function followOrders(host: Host, deps: OrdersDeps): FollowedOrders<AccountOrder> {
  const { accountOrders, networkBans, locks, timing, hints, banned } = deps;

  async function putOut(order: AccountOrder): Promise<void> {
    const { accountId, fence } = order;
    const kick = kickOfOrder(order, host.wallMs());
    if (kick === null) return;
    const put = await locks.putOut(accountId, kick, fence);
    if (put.ok) host.log.info({ accountId, reason: kick.reason }, "account put out");
  }

  return new FollowedOrders(host, {
    ...{ accountOrders, networkBans, hints, banned },
    // A login that raised its fence before the ban may get the lock as late as this.
    againForMs: timing.evictMs + waits.sweepMs + waits.askMs,
    apply: (orders) => Promise.all(orders.map(putOut)),
  });
}
