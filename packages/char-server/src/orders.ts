import type { AccountOrder, AccountOrders, NetworkBans } from "@sallyport/database";
import type { AccountId, Kick, LoginId, NetworkBan } from "@sallyport/domain";
import { BanList, Follower, type Host } from "@sallyport/server-kit";
import type { AccountOwners } from "./account-owners.ts";
import type { MapHosting, MapServer } from "./map-hosting.ts";

export interface OrdersDeps {
  readonly accountOrders: Pick<AccountOrders, "lastOrderBefore" | "ordersAfter">;
  readonly networkBans: Pick<NetworkBans, "bansAfter">;
  readonly hosting: Pick<MapHosting, "hearing">;
  readonly accounts: Pick<AccountOwners, "owned">;
  readonly kick: (accountId: AccountId, loginId1: LoginId, kick: Kick) => void;
  /** Called when there are new bans of networks or devices. */
  readonly banned: () => void;
}

/**
 * An order counts for players who play since before this process began to follow. The login-server would free
 * their accounts if this char-server were away for longer.
 */
const ordersSinceMs = 3_600_000;
/** A map-server may get a character that was loaded just before the order, and may be away for a while. */
const againForMs = 60_000;
/** The longest page of bans still fits in a frame. */
const bansInMessageMax = 200;

/**
 * Follows what operators decided. Map-servers reach no store, so they are told. A banned account has to leave
 * even while there is no link to the login-server.
 */
export class Orders {
  readonly bans: BanList;
  readonly #host: Host;
  readonly #deps: OrdersDeps;
  readonly #accounts: Follower<AccountOrder>;
  readonly #networks: Follower<NetworkBan>;

  constructor(host: Host, deps: OrdersDeps) {
    const { accountOrders, networkBans } = deps;
    this.#host = host;
    this.#deps = deps;
    this.bans = new BanList(host.wallMs);
    this.#accounts = new Follower(host, {
      begin: () => accountOrders.lastOrderBefore(ordersSinceMs),
      read: (...after) => accountOrders.ordersAfter(...after),
      apply: (orders) => this.#apply(orders),
      againForMs,
      about: ({ accountId }) => accountId,
    });
    this.#networks = new Follower(host, {
      begin: async () => 0,
      read: (...after) => networkBans.bansAfter(...after),
      apply: (bans) => this.#learn(bans),
      againForMs: 0,
      about: ({ id }) => id,
    });
  }

  /** Call this if there may be a new order. Without a call, it is found within two seconds. */
  look(): void {
    this.#accounts.look();
    this.#networks.look();
  }

  /** Tells a map-server that has just announced itself. */
  tell(mapServer: MapServer): void {
    for (const order of this.#accounts.recent) tellStanding(mapServer, order);
    tellBans(mapServer, this.bans.all, { isWhole: true });
  }

  async stop(): Promise<void> {
    await Promise.all([this.#accounts.stop(), this.#networks.stop()]);
  }

  #apply(orders: readonly AccountOrder[]): void {
    const { hosting, accounts, kick } = this.#deps;
    const banned = new Map<AccountId, AccountOrder>();
    for (const order of orders) {
      for (const mapServer of hosting.hearing) tellStanding(mapServer, order);
      if ((order.bannedUntilMs ?? 0) > this.#host.wallMs()) banned.set(order.accountId, order);
    }
    if (banned.size === 0) return;
    for (const { accountId, loginId1, accountFence } of accounts.owned((id) => banned.has(id))) {
      const order = banned.get(accountId);
      // A login with a newer fence was admitted after the ban was lifted.
      if (order !== undefined && accountFence <= order.fence) kick(accountId, loginId1, kickOf(order));
    }
  }

  #learn(bans: readonly NetworkBan[]): void {
    this.bans.learn(bans);
    for (const mapServer of this.#deps.hosting.hearing) tellBans(mapServer, bans, { isWhole: false });
    this.#deps.banned();
  }
}

const kickOf = ({ bannedUntilMs, banReason: text }: AccountOrder): Kick => ({
  reason: "banned",
  untilMs: bannedUntilMs === Number.POSITIVE_INFINITY ? null : bannedUntilMs,
  text,
});

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
