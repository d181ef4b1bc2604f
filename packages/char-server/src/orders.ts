import type { AccountOrder, AccountOrders, NetworkBans } from "@sallyport/database";
import type { AccountId, Fence, Kick, LoginId, NetworkBan } from "@sallyport/domain";
import { FollowedOrders, type Host, kickOfOrder, type OrderHints } from "@sallyport/server-kit";
import type { AccountOwners } from "./account-owners.ts";
import type { MapHosting, MapServer } from "./map-hosting.ts";

export interface OrdersDeps {
  readonly accountOrders: Pick<AccountOrders, "lastOrderBefore" | "ordersAfter">;
  readonly networkBans: Pick<NetworkBans, "bansAfter">;
  readonly hints: OrderHints | null;
  readonly hosting: Pick<MapHosting, "hearing">;
  readonly accounts: Pick<AccountOwners, "owned">;
  readonly kick: (accountId: AccountId, loginId1: LoginId, kick: Kick) => void;
  /** Called when there are new bans of networks or devices. */
  readonly banned: () => void;
}

/** A map-server may get a character that was loaded just before the order, and may be away for a while. */
const againForMs = 60_000;
/** The longest page of bans still fits in a frame. */
const bansInMessageMax = 200;

/**
 * Passes on what operators decided, because map-servers reach no store. A banned account has to leave even
 * while there is no link to the login-server.
 */
export class Orders extends FollowedOrders<AccountOrder> {
  constructor(host: Host, deps: OrdersDeps) {
    const { accountOrders, networkBans, hints, hosting, banned } = deps;
    super(host, {
      ...{ accountOrders, networkBans, hints, againForMs },
      apply: (orders) => applyTo(deps, orders, host.wallMs()),
      banned(bans) {
        for (const mapServer of hosting.hearing) tellBans(mapServer, bans, { isWhole: false });
        banned();
      },
    });
  }

  /** Tells a map-server that has just announced itself. */
  tell(mapServer: MapServer): void {
    for (const order of this.recent) tellStanding(mapServer, order);
    tellBans(mapServer, this.bans.all, { isWhole: true });
  }
}

function applyTo(
  { hosting, accounts, kick }: OrdersDeps,
  orders: readonly AccountOrder[],
  nowMs: number,
): void {
  const banned = new Map<AccountId, { readonly fence: Fence; readonly told: Kick }>();
  for (const order of orders) {
    for (const mapServer of hosting.hearing) tellStanding(mapServer, order);
    const told = kickOfOrder(order, nowMs);
    if (told !== null) banned.set(order.accountId, { fence: order.fence, told });
  }
  if (banned.size === 0) return;
  for (const { accountId, loginId1, accountFence } of accounts.owned((id) => banned.has(id))) {
    const ban = banned.get(accountId);
    // A login with a newer fence was admitted after the ban was lifted.
    if (ban !== undefined && accountFence <= ban.fence) kick(accountId, loginId1, ban.told);
  }
}

const tellStanding = ({ link }: MapServer, { accountId, role, mutedUntilMs }: AccountOrder): void =>
  link.notify({ type: "account.changed", accountId, role, mutedUntilMs });

function tellBans(
  { link }: MapServer,
  bans: readonly NetworkBan[],
  { isWhole }: { readonly isWhole: boolean },
): void {
  for (let from = 0; from === 0 || from < bans.length; from += bansInMessageMax) {
    const page = bans.slice(from, from + bansInMessageMax);
    const isLast = from + bansInMessageMax >= bans.length;
    link.notify({ type: "bans.changed", bans: page, isFirst: isWhole && from === 0, isLast });
  }
}
