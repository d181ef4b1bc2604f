import { type AccountId, type Kick, type NetworkBan, Unavailable } from "@sallyport/domain";
import { BanList } from "../doors/ban-list.ts";
import { Follower, type FollowerDeps } from "./follower.ts";
import type { Host } from "./host.ts";

/** On this topic of the hint bus, a server that stored an order of an operator tells all others to look. */
export const ordersTopic = "orders";

/** Messages to all servers. `tell` rejects with `Unavailable` if it cannot reach them. */
export interface OrderHints {
  listen(topic: string, heard: () => void): { stop(): void };
  tell(topic: string, hint: Record<never, never>): Promise<void>;
}

/** What servers follow of an order about an account. */
export interface FollowedOrder {
  readonly accountId: AccountId;
  /** Milliseconds since 1970, possibly in the past. Null: not banned. Infinity: banned for ever. */
  readonly bannedUntilMs: number | null;
  readonly banReason: string | null;
}

type Changes<Item> = ReturnType<FollowerDeps<Item>["read"]>;

export interface FollowedOrdersDeps<Order extends FollowedOrder> {
  readonly accountOrders: {
    lastOrderBefore(agoMs: number): Promise<number>;
    ordersAfter(version: number, countMax: number): Changes<Order>;
  };
  readonly networkBans: { bansAfter(version: number, countMax: number): Changes<NetworkBan> };
  /** Null: there is no other server to tell. */
  readonly hints: OrderHints | null;
  /** Orders about accounts are applied again for this time: see `Follower`. */
  readonly againForMs: number;
  readonly apply: FollowerDeps<Order>["apply"];
  /** Called when `bans` has new, changed or lifted bans. */
  readonly banned: (bans: readonly NetworkBan[]) => void;
}

/**
 * An order counts for players who play since before this process began to follow. Locks outlive a pause of all
 * servers of a tier by less than this.
 */
const ordersSinceMs = 3_600_000;

/**
 * Follows what operators decided, whichever program wrote it. A server that died between an order and its
 * effect needs no repair: another one finds the order.
 */
export class FollowedOrders<Order extends FollowedOrder> {
  readonly bans: BanList;
  readonly #host: Host;
  readonly #hints: OrderHints | null;
  readonly #accounts: Follower<Order>;
  readonly #networks: Follower<NetworkBan>;
  readonly #stopListening: () => void;

  constructor(host: Host, deps: FollowedOrdersDeps<Order>) {
    const { accountOrders, networkBans, hints, againForMs, apply, banned } = deps;
    this.#host = host;
    this.#hints = hints;
    this.bans = new BanList(host.wallMs);
    this.#accounts = new Follower(host, {
      begin: () => accountOrders.lastOrderBefore(ordersSinceMs),
      read: (...after) => accountOrders.ordersAfter(...after),
      apply,
      againForMs,
      about: ({ accountId }) => accountId,
    });
    this.#networks = new Follower(host, {
      begin: async () => 0,
      read: (...after) => networkBans.bansAfter(...after),
      apply: (bans) => {
        this.bans.learn(bans);
        banned(bans);
      },
      againForMs: 0,
      about: ({ id }) => id,
    });
    const listening = hints?.listen(ordersTopic, () => this.#look());
    this.#stopListening = () => listening?.stop();
  }

  /** The orders about accounts that are still applied again. */
  get recent(): readonly Order[] {
    return this.#accounts.recent;
  }

  /** Call this after an order was stored. Without a call, all servers find it within two seconds. */
  given(): void {
    this.#look();
    this.#hints?.tell(ordersTopic, {}).catch((error) => {
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
}

/** What a client is told that has to leave because of this order. Null: the order is no ban that holds. */
export function kickOfOrder({ bannedUntilMs, banReason }: FollowedOrder, nowMs: number): Kick | null {
  if (bannedUntilMs === null || bannedUntilMs <= nowMs) return null;
  const untilMs = bannedUntilMs === Number.POSITIVE_INFINITY ? null : bannedUntilMs;
  return { reason: "banned", untilMs, text: banReason };
}
