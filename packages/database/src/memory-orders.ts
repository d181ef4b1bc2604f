import {
  type AccountId,
  accepted,
  type Fence,
  kickText,
  plainStanding,
  refused,
  refusedBecause,
  type Standing,
} from "@sallyport/domain";
import type { AccountOrders } from "./account-orders.ts";

/** What operators decided about an account in memory. */
export interface OrderedRecord extends Standing {
  readonly accountId: AccountId;
  readonly fence: Fence;
  readonly bannedUntilMs: number | null;
  readonly banReason: string | null;
  readonly ordersVersion: number;
  readonly orderedMs: number;
}

export const noOrders = {
  ...plainStanding,
  ...{ bannedUntilMs: null, banReason: null, ordersVersion: 0, orderedMs: 0 },
};

/** Returns the refusal of a banned account. */
export function banOf({ bannedUntilMs, banReason: detail }: OrderedRecord, nowMs: number) {
  if (bannedUntilMs === null || bannedUntilMs <= nowMs) return null;
  const retryAfterMs = bannedUntilMs === Number.POSITIVE_INFINITY ? null : bannedUntilMs - nowMs;
  return refusedBecause("banned", { retryAfterMs, detail });
}

export function createMemoryOrders(
  records: ReadonlyMap<AccountId, OrderedRecord>,
  now: () => number,
): AccountOrders {
  let given = 0;

  function order(accountId: AccountId, change: Partial<OrderedRecord>) {
    const record = records.get(accountId);
    if (!record) return refused("no-such-account");
    given += 1;
    Object.assign(record, change, { ordersVersion: given, orderedMs: now() });
    return accepted({ accountId });
  }

  return {
    setBan: async ({ accountId, untilMs, reason = null }) =>
      order(accountId, { bannedUntilMs: untilMs, banReason: reason && kickText(reason) }),
    setRole: async ({ accountId, role }) => order(accountId, { role }),
    setMute: async ({ accountId, untilMs }) =>
      order(accountId, { mutedUntilMs: untilMs && Math.min(untilMs, Number.MAX_SAFE_INTEGER) }),

    ordersAfter: async (version, countMax) => {
      const items = [...records.values()]
        .filter(({ ordersVersion }) => ordersVersion > version)
        .sort((a, b) => a.ordersVersion - b.ordersVersion)
        .slice(0, countMax)
        .map(({ accountId, ordersVersion, role, mutedUntilMs, bannedUntilMs, banReason, fence }) => ({
          ...{ accountId, version: ordersVersion, role, mutedUntilMs },
          ...{ bannedUntilMs, banReason, fence },
        }));
      return { items, version: items.at(-1)?.version ?? version };
    },

    lastOrderBefore: async (agoMs) =>
      [...records.values()]
        .filter(({ orderedMs }) => orderedMs < now() - agoMs)
        .reduce((last, { ordersVersion }) => Math.max(last, ordersVersion), 0),
  };
}
