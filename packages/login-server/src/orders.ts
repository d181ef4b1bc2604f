import type { AccountOrder, AccountOrders, NetworkBans } from "@sallyport/database";
import type { HintBus } from "@sallyport/directory";
import { type Kick, type NetworkBan, Unavailable } from "@sallyport/domain";
import type { LockTiming } from "@sallyport/lock-core";
import { BanList, Follower, type Host, ordersTopic, waits } from "@sallyport/server-kit";
import type { AccountLocks } from "./account-locks.ts";

export interface OrdersDeps {
  readonly accountOrders: Pick<AccountOrders, "lastOrderBefore" | "ordersAfter">;
  readonly networkBans: Pick<NetworkBans, "bansAfter">;
  readonly locks: Pick<AccountLocks, "putOut">;
  readonly timing: Pick<LockTiming, "evictMs">;
  /** Null: there is no other server to tell. */
  readonly hints: HintBus | null;
  /** Called when there are new bans of networks or devices. */
  readonly banned: () => void;
}

/** Account locks outlive a pause of all login-servers by less than this. */
const ordersSinceMs = 3_600_000;

/**
 * Follows what operators decided, whichever program wrote it, and puts out banned accounts. A server that
 * died between an order and its effect needs no repair: another one finds the order.
 */
export class Orders {
  readonly bans: BanList;
  readonly #host: Host;
  readonly #deps: OrdersDeps;
  readonly #accounts: Follower<AccountOrder>;
  readonly #networks: Follower<NetworkBan>;
  readonly #stopListening: () => void;

  constructor(host: Host, deps: OrdersDeps) {
    const { accountOrders, networkBans, timing, hints } = deps;
    this.#host = host;
    this.#deps = deps;
    this.bans = new BanList(host.wallMs);
    this.#accounts = new Follower(host, {
      begin: () => accountOrders.lastOrderBefore(ordersSinceMs),
      read: (...after) => accountOrders.ordersAfter(...after),
      apply: (orders) => this.#apply(orders),
      // A login that raised its fence before the ban may get the lock as late as this.
      againForMs: timing.evictMs + waits.sweepMs + waits.askMs,
      about: ({ accountId }) => accountId,
    });
    this.#networks = new Follower(host, {
      begin: async () => 0,
      read: (...after) => networkBans.bansAfter(...after),
      apply: (bans) => {
        this.bans.learn(bans);
        deps.banned();
      },
      againForMs: 0,
      about: ({ id }) => id,
    });
    const listening = hints?.listen(ordersTopic, () => this.#look());
    this.#stopListening = () => listening?.stop();
  }

  /** Call this after an order was stored. Without a call, all servers find it within two seconds. */
  given(): void {
    this.#look();
    this.#deps.hints?.tell(ordersTopic, {}).catch((error) => {
      if (!(error instanceof Unavailable)) this.#host.failed(error);
    });
  }

  async stop(): Promise<void> {
    this.#stopListening();
    await Promise.all([this.#accounts.stop(), this.#networks.stop()]);
  }

  #look(): void {
    this.#accounts.look();
    this.#networks.look();
  }

  async #apply(orders: readonly AccountOrder[]): Promise<void> {
    const nowMs = this.#host.wallMs();
    const banned = orders.filter(({ bannedUntilMs }) => (bannedUntilMs ?? 0) > nowMs);
    await Promise.all(banned.map((order) => this.#putOut(order)));
  }

  async #putOut(order: AccountOrder): Promise<void> {
    const { accountId, fence } = order;
    const put = await this.#deps.locks.putOut(accountId, kickOf(order), fence);
    if (put.ok) this.#host.log.info({ accountId, reason: "banned" }, "account put out");
  }
}

const kickOf = ({ bannedUntilMs, banReason: text }: AccountOrder): Kick => ({
  reason: "banned",
  untilMs: bannedUntilMs === Number.POSITIVE_INFINITY ? null : bannedUntilMs,
  text,
});
