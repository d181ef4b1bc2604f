import { AccountId, type NetworkBan } from "@sallyport/domain";
import { ManualClock, testHost } from "@sallyport/testkit";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { FollowedOrders, kickOfOrder, type OrderHints } from "../src/index.ts";

const walker = { accountId: AccountId(7), bannedUntilMs: null, banReason: null };
const flood: NetworkBan = {
  ...{ id: 1, network: "192.0.2.0/24", device: null, untilMs: null, text: null, isLifted: false },
};

let clock: ManualClock;
let orders: (typeof walker)[];
let bans: NetworkBan[];
let heard: Set<() => void>;
const hints: OrderHints = {
  listen(_, look) {
    heard.add(look);
    return { stop: () => void heard.delete(look) };
  },
  async tell() {
    for (const look of heard) queueMicrotask(look);
  },
};
beforeEach(() => {
  clock = new ManualClock();
  [orders, bans, heard] = [[], [], new Set()];
});

const after =
  <T>(all: readonly T[]) =>
  async (version: number) => ({
    items: all.slice(version),
    version: all.length,
  });

async function follow() {
  const applied: unknown[] = [];
  const followed = new FollowedOrders<typeof walker>(testHost({ clock }), {
    accountOrders: { lastOrderBefore: async () => 0, ordersAfter: (version) => after(orders)(version) },
    networkBans: { bansAfter: (version) => after(bans)(version) },
    hints,
    againForMs: 0,
    apply: (items) => void applied.push(...items),
    banned: (items) => void applied.push(...items),
  });
  onTestFinished(() => followed.stop());
  await clock.advance(0);
  return { followed, applied };
}

test("an order that is given at one server counts at all others before they would look", async () => {
  const [here, there] = [await follow(), await follow()];
  orders.push(walker);
  bans.push(flood);
  await clock.advance(0);
  expect(there.applied).toEqual([]);
  here.followed.given();
  await clock.advance(0);
  for (const { applied, followed } of [here, there]) {
    expect(applied).toEqual(expect.arrayContaining([walker, flood]));
    expect(followed.bans.ofAddress("192.0.2.7:5000")).toEqual(flood);
  }
});

test("a server that has stopped hears nothing more", async () => {
  const { followed, applied } = await follow();
  await followed.stop();
  orders.push(walker);
  await hints.tell("orders", {});
  await clock.advance(10_000);
  expect(applied).toEqual([]);
});

describe("a client has to leave", () => {
  const ban = { ...walker, bannedUntilMs: 2_000, banReason: "spam" };

  test("while a ban holds, and is told until when and why", () => {
    expect(kickOfOrder(ban, 1_999)).toEqual({ reason: "banned", untilMs: 2_000, text: "spam" });
    const forEver = { ...ban, bannedUntilMs: Number.POSITIVE_INFINITY };
    expect(kickOfOrder(forEver, 0)).toEqual({ reason: "banned", untilMs: null, text: "spam" });
  });

  test("for no ban that is over, and for no other order", () => {
    expect(kickOfOrder(ban, 2_000)).toBe(null);
    expect(kickOfOrder(walker, 0)).toBe(null);
  });
});
