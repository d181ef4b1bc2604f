import {
  AccountId,
  accepted,
  Fence,
  type Outcome,
  type Role,
  refused,
  type Standing,
} from "@sallyport/domain";
import type { Changes } from "./changes.ts";
import type { Database, Statement } from "./database.ts";
import { columns, isReadable, type Row, readRow } from "./stored-values.ts";

/** What operators decided about an account. */
export interface AccountOrder extends Standing {
  readonly accountId: AccountId;
  /** Rises with each order, of any account. */
  readonly version: number;
  /** Milliseconds since 1970, possibly in the past. Null: not banned. Infinity: banned for ever. */
  readonly bannedUntilMs: number | null;
  /** What the player is told, at most `kickTextUnitsMax` UTF-16 units. */
  readonly banReason: string | null;
  /** The newest login had this fence when the order was read. A newer one was admitted after it. */
  readonly fence: Fence;
}

type Ordered = Outcome<{ readonly accountId: AccountId }, "no-such-account">;

/** Every method can throw `Unavailable`. Then it is unknown whether the order was given. */
export interface AccountOrders {
  /**
   * Null lifts the ban; Infinity bans for ever. A delayed statement never replaces a newer order. `reason` is
   * shown to the player, and `by` names the operator.
   */
  setBan(ban: {
    accountId: AccountId;
    untilMs: number | null;
    reason?: string | null;
    by?: string | null;
  }): Promise<Ordered>;
  setRole(of: { accountId: AccountId; role: Role }): Promise<Ordered>;
  /** Null lets the account speak again; Infinity mutes it for ever. */
  setMute(of: { accountId: AccountId; untilMs: number | null }): Promise<Ordered>;
  /**
   * Returns the last order about each account, oldest first, of those after `version`. At most `countMax` are
   * read. An order that no server can use is left out.
   */
  ordersAfter(version: number, countMax: number): Promise<Changes<AccountOrder>>;
  /** Returns the version of the last order that is older than this time. 0: there is none. */
  lastOrderBefore(agoMs: number): Promise<number>;
}

const statements = {
  findOrders: {
    name: "account-find-orders",
    text: "SELECT orders_version FROM accounts WHERE id = $1",
  },
  setBan: {
    name: "account-set-ban",
    text: `UPDATE accounts SET banned_until = $3, ban_reason = $4, banned_by = $5, banned_at = now()
      WHERE id = $1 AND orders_version = $2 RETURNING id`,
  },
  setRole: {
    name: "account-set-role",
    text: "UPDATE accounts SET role = $3 WHERE id = $1 AND orders_version = $2 RETURNING id",
  },
  setMute: {
    name: "account-set-mute",
    text: "UPDATE accounts SET muted_until = $3 WHERE id = $1 AND orders_version = $2 RETURNING id",
  },
  // The first condition lets Postgres use the index, which has only such rows.
  after: {
    name: "account-orders-after",
    text: `SELECT id, orders_version, role, banned_until, ban_reason, muted_until, lock_fence FROM accounts
      WHERE orders_version > 0 AND orders_version > $1 ORDER BY orders_version LIMIT $2`,
  },
  lastBefore: {
    name: "account-orders-last-before",
    text: `SELECT orders_version FROM accounts
      WHERE orders_version > 0 AND ordered_at < now() - $1 * interval '1 millisecond'
      ORDER BY orders_version DESC LIMIT 1`,
  },
} satisfies Record<string, Statement>;

const versionReaders = { orders_version: columns.fence };
const orderReaders = {
  id: columns.id,
  orders_version: columns.fence,
  role: columns.role,
  banned_until: columns.bannedUntil,
  ban_reason: columns.note,
  muted_until: columns.mutedUntil,
  lock_fence: columns.fence,
};

/** Postgres has a word for a time without end. */
export const untilValue = (untilMs: number | null): Date | string | null => {
  if (untilMs === null) return null;
  return untilMs === Number.POSITIVE_INFINITY ? "infinity" : new Date(untilMs);
};

export function createAccountOrders(database: Database): AccountOrders {
  /**
   * If no row was changed, another order about the account has just been given. The next round comes after
   * it, so this order is treated as the later one.
   */
  async function order(
    statement: Statement,
    accountId: AccountId,
    values: readonly unknown[],
  ): Promise<Ordered> {
    for (;;) {
      const [found] = await database.query<Row>(statements.findOrders, [accountId]);
      if (!found) return refused("no-such-account");
      const { orders_version } = readRow("account", found, versionReaders, accountId);
      const [row] = await database.query(statement, [accountId, orders_version, ...values]);
      if (row) return accepted({ accountId });
    }
  }

  return {
    setBan: ({ accountId, untilMs, reason = null, by = null }) =>
      order(statements.setBan, accountId, [untilValue(untilMs), reason, by]),
    setRole: ({ accountId, role }) => order(statements.setRole, accountId, [role]),
    setMute: ({ accountId, untilMs }) => order(statements.setMute, accountId, [untilValue(untilMs)]),

    ordersAfter: async (version, countMax) => {
      const rows = await database.query<Row>(statements.after, [version, countMax]);
      const last = rows.at(-1);
      return {
        items: rows.filter((row) => isReadable(row, orderReaders)).map(orderFrom),
        version: last ? readRow("account", last, versionReaders).orders_version : version,
      };
    },

    lastOrderBefore: async (agoMs) => {
      const [row] = await database.query<Row>(statements.lastBefore, [agoMs]);
      return row ? readRow("account", row, versionReaders).orders_version : 0;
    },
  };
}

function orderFrom(found: Row): AccountOrder {
  const row = readRow("account", found, orderReaders);
  return {
    accountId: AccountId(row.id),
    version: row.orders_version,
    role: row.role,
    mutedUntilMs: row.muted_until,
    bannedUntilMs: row.banned_until,
    banReason: row.ban_reason,
    fence: Fence(row.lock_fence),
  };
}
