import { isIP } from "node:net";
import {
  type Account,
  canonicalName,
  type NewAccount,
  type RegisteredAccounts,
} from "@sallyport/authentication";
import {
  AccountId,
  accepted,
  Fence,
  type Outcome,
  type Refused,
  refused,
  refusedBecause,
  type Sex,
  UnreadableRow,
} from "@sallyport/domain";
import { type AccountOrders, createAccountOrders } from "./account-orders.ts";
import { inBatches } from "./batches.ts";
import type { Database, Statement } from "./database.ts";
import { createPasswordStore, credentialValues } from "./password-store.ts";
import { columns, hashColumns, isReadable, orNull, type Row, readRow } from "./stored-values.ts";

export interface RaisedAccountFence {
  readonly fence: Fence;
  readonly sex: Sex;
  /** The last recorded login was at this time, in milliseconds since 1970. Null: there was none. */
  readonly lastLoginMs: number | null;
}

/** Every method can throw `Unavailable`. Then it is unknown whether the request was carried out. */
export interface AccountStore extends RegisteredAccounts, AccountOrders {
  /**
   * Raises the fence. After that, every request with an older fence of this account is refused. If `seen` is
   * given, the fence is raised only if it still equals `seen`: a delayed request must not take the account
   * from a newer owner. If `provenAt` is given, the fence is raised only if no newer password was set: the fence
   * was `provenAt` when the proven password was read. A ban that came after the check of the password is found
   * here, unless `evenIfBanned`: an operator changes what belongs to the account.
   */
  raiseFence(
    accountId: AccountId,
    seen?: Fence,
    how?: { readonly evenIfBanned?: boolean; readonly provenAt?: Fence },
  ): Promise<Outcome<RaisedAccountFence, "no-such-account" | "raised-meanwhile" | "banned">>;
  /**
   * Records a login, unless a newer login has raised the fence, or the account was banned meanwhile. `address`
   * is an IP address, or the /64 of an IPv6 address. Other texts are not recorded.
   */
  noteLogin(login: {
    accountId: AccountId;
    fence: Fence;
    address?: string | undefined;
  }): Promise<Outcome<Record<never, never>, "raised-meanwhile" | "banned">>;
  /** Deletes places that are too old to count. */
  forgetPlaces(): Promise<void>;
}

/** The address of a login counts for this time. */
export const placeDays = 30;

const accountColumns =
  "id, name, email, email_key, email_confirmed_at, sex, role, banned_until, ban_reason, salt, memory_kib, iterations, parallelism, stored_key, server_key, lock_fence";

/**
 * Reads the account with each key, or else the account with the next key, or else the account with the first
 * key. Postgres does the same work in all three cases, so the time does not show whether the key exists.
 */
const findNearest = (asked: string, key: string): string => `SELECT nth::integer, nearest.*
  FROM unnest($1::text[]) WITH ORDINALITY AS asked (asked_name, nth) CROSS JOIN LATERAL (
    SELECT ${accountColumns} FROM (
      (SELECT 1 AS place, ${accountColumns} FROM accounts WHERE ${key} >= ${asked} ORDER BY ${key} LIMIT 1)
      UNION ALL
      (SELECT 2 AS place, ${accountColumns} FROM accounts ORDER BY ${key} LIMIT 1)
    ) AS found ORDER BY place LIMIT 1
  ) AS nearest`;

const placed = `INSERT INTO account_places SELECT id, address, now() FROM noted WHERE address IS NOT NULL
  ON CONFLICT (account_id, address) DO UPDATE SET last_login_at = now()`;

export const isNotBanned = "(banned_until IS NULL OR banned_until <= now())";
/** The milliseconds that are left of a ban. Null: it has no end. `Date` has no time after the year 275760. */
export const banLeftMs = `CASE WHEN isfinite(banned_until) AND banned_until < '275760-01-01'
    THEN greatest(0, ceil(extract(epoch FROM banned_until - now()) * 1000))::bigint END`;

const statements = {
  // The invitation is locked first. So the last use of a code goes to one of several registrations.
  create: {
    name: "account-create",
    text: `WITH invited AS MATERIALIZED (
        SELECT code_hash FROM invitations
        WHERE code_hash = $11 AND uses_left > 0 AND (expires_at IS NULL OR expires_at > now()) FOR UPDATE
      ), created AS (
        INSERT INTO accounts (name, sex, salt, memory_kib, iterations, parallelism, stored_key, server_key,
          email, email_key)
        SELECT $1::text, $2::text, $3::bytea, $4::integer, $5::integer, $6::integer, $7::bytea, $8::bytea,
          $9::text, $10::text
        WHERE $11::bytea IS NULL OR EXISTS (SELECT FROM invited)
        ON CONFLICT DO NOTHING RETURNING id
      ), spent AS (
        UPDATE invitations SET uses_left = uses_left - 1
        WHERE code_hash = $11 AND EXISTS (SELECT FROM created)
      )
      SELECT (SELECT id FROM created) AS id, $11::bytea IS NULL OR EXISTS (SELECT FROM invited) AS may_join`,
  },
  isInvitation: {
    name: "account-is-invitation",
    text: `SELECT FROM invitations
      WHERE code_hash = $1 AND uses_left > 0 AND (expires_at IS NULL OR expires_at > now())`,
  },
  nameTaken: {
    name: "account-name-taken",
    text: `SELECT id FROM accounts WHERE lower(name COLLATE "C") = lower($1::text COLLATE "C")`,
  },
  findByName: {
    name: "account-find-by-name",
    text: findNearest('lower(asked_name COLLATE "C")', 'lower(name COLLATE "C")'),
  },
  findByEmail: { name: "account-find-by-email", text: findNearest('asked_name COLLATE "C"', "email_key") },
  raiseFence: {
    name: "account-raise-fence",
    text: `WITH raised AS MATERIALIZED (
        SELECT accounts.id, nth
        FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) WITH ORDINALITY
          AS asked (account_id, seen, proven_at, nth)
        JOIN accounts ON accounts.id = account_id
        WHERE (seen IS NULL OR lock_fence = seen) AND (proven_at IS NULL OR password_fence <= proven_at)
          AND ${isNotBanned} AND lock_fence < ${Number.MAX_SAFE_INTEGER}
        ORDER BY accounts.id FOR NO KEY UPDATE OF accounts SKIP LOCKED
      )
      UPDATE accounts SET lock_fence = lock_fence + 1 FROM raised WHERE accounts.id = raised.id
      RETURNING nth::integer, lock_fence, sex, last_login_at`,
  },
  raiseFenceAlone: {
    name: "account-raise-fence-alone",
    text: `UPDATE accounts SET lock_fence = lock_fence + 1
      WHERE id = $1 AND ($2::bigint IS NULL OR lock_fence = $2)
        AND ($3::bigint IS NULL OR password_fence <= $3) AND ($4::boolean OR ${isNotBanned})
      RETURNING lock_fence, sex, last_login_at`,
  },
  noteLogin: {
    name: "account-note-login",
    text: `WITH noted AS MATERIALIZED (
        SELECT accounts.id, nth, address
        FROM unnest($1::bigint[], $2::bigint[], $3::inet[]) WITH ORDINALITY
          AS asked (account_id, fence, address, nth)
        JOIN accounts ON accounts.id = account_id AND lock_fence = fence AND ${isNotBanned}
        ORDER BY accounts.id FOR NO KEY UPDATE OF accounts SKIP LOCKED
      ), placed AS (${placed})
      UPDATE accounts SET previous_login_at = last_login_at, last_login_at = now()
      FROM noted WHERE accounts.id = noted.id RETURNING nth::integer`,
  },
  noteLoginAlone: {
    name: "account-note-login-alone",
    text: `WITH noted AS (
        UPDATE accounts SET previous_login_at = last_login_at, last_login_at = now()
        WHERE id = $1 AND lock_fence = $2 AND ${isNotBanned} RETURNING id, $3::inet AS address
      ), placed AS (${placed})
      SELECT id FROM noted`,
  },
  findBan: {
    name: "account-find-ban",
    text: `SELECT ban_reason, ${banLeftMs} AS left_ms FROM accounts WHERE id = $1 AND NOT ${isNotBanned}`,
  },
  hasLoggedInFrom: {
    name: "account-has-logged-in-from",
    text: `SELECT FROM account_places WHERE account_id = $1 AND address = $2::inet
      AND last_login_at > now() - interval '${placeDays} days'`,
  },
  forgetPlaces: {
    name: "account-forget-places",
    text: `DELETE FROM account_places WHERE last_login_at < now() - interval '${placeDays} days'`,
  },
  parametersInUse: {
    name: "account-parameters-in-use",
    text: `SELECT memory_kib, iterations, parallelism, count(*)::integer AS count FROM (
        (SELECT id, memory_kib, iterations, parallelism FROM accounts ORDER BY id LIMIT 1000) UNION
        (SELECT id, memory_kib, iterations, parallelism FROM accounts ORDER BY id DESC LIMIT 1000)
      ) AS sample GROUP BY memory_kib, iterations, parallelism`,
  },
} satisfies Record<string, Statement>;

const accountReaders = {
  id: columns.id,
  name: orNull(columns.accountName),
  email: orNull(columns.email),
  email_confirmed_at: columns.isSet,
  sex: columns.sex,
  role: columns.role,
  banned_until: columns.bannedUntil,
  ban_reason: columns.note,
  lock_fence: columns.fence,
  salt: columns.salt,
  ...hashColumns,
  stored_key: columns.key,
  server_key: columns.key,
};

const raisedReaders = {
  lock_fence: columns.fence,
  sex: columns.sex,
  last_login_at: orNull(columns.moment),
};
const banReaders = { ban_reason: columns.note, left_ms: orNull(columns.fence) };

interface InUseRow extends Row {
  readonly memory_kib: number;
  readonly iterations: number;
  readonly parallelism: number;
  readonly count: number;
}

type Raise = Parameters<AccountStore["raiseFence"]>;
type RaiseAnswer = Awaited<ReturnType<AccountStore["raiseFence"]>>;
type Note = Parameters<AccountStore["noteLogin"]>[0];
type NoteAnswer = Awaited<ReturnType<AccountStore["noteLogin"]>>;

export function createAccountStore(database: Database): AccountStore {
  async function banOf(accountId: AccountId): Promise<Refused<"banned"> | null> {
    const [found] = await database.query<Row>(statements.findBan, [accountId]);
    if (!found) return null;
    const { left_ms, ban_reason } = readRow("account", found, banReaders, accountId);
    return refusedBecause("banned", { retryAfterMs: left_ms, detail: ban_reason });
  }
  const findByName = inBatches<string, Account | null>(database, {
    statement: statements.findByName,
    valuesOf: (name) => [name],
    answerOf: (name, [row]) => accountIf(row, ({ name: found }) => isSameName(found, name)),
  });
  const findByEmail = inBatches<string, Account | null>(database, {
    statement: statements.findByEmail,
    valuesOf: (key) => [key],
    answerOf: (key, [row]) => accountIf(row, ({ email_key: found }) => found === key),
  });
  const raiseFence = inBatches<Raise, RaiseAnswer>(database, {
    statement: statements.raiseFence,
    keyOf: ([accountId]) => accountId,
    valuesOf: ([accountId, seen, { provenAt } = {}]) => [accountId, seen ?? null, provenAt ?? null],
    answerOf: ([accountId], [row]) => row && raisedFrom(row, accountId),
    alone: async ([accountId, seen, { evenIfBanned = false, provenAt } = {}]) => {
      const values = [accountId, seen ?? null, provenAt ?? null, evenIfBanned];
      const [row] = await database.query<Row>(statements.raiseFenceAlone, values);
      if (row) return raisedFrom(row, accountId);
      const banned = evenIfBanned ? null : await banOf(accountId);
      const isAny = seen === undefined && provenAt === undefined;
      return banned ?? refused(isAny ? "no-such-account" : "raised-meanwhile");
    },
  });
  const noteLogin = inBatches<Note, NoteAnswer>(database, {
    statement: statements.noteLogin,
    keyOf: ({ accountId }) => accountId,
    valuesOf: ({ accountId, fence, address }) => [accountId, fence, inet(address)],
    answerOf: (_, [row]) => row && accepted({}),
    alone: async ({ accountId, fence, address }) => {
      const values = [accountId, fence, inet(address)];
      const [row] = await database.query<Row>(statements.noteLoginAlone, values);
      return row ? accepted({}) : ((await banOf(accountId)) ?? refused("raised-meanwhile"));
    },
  });
  const isNameTaken = async (name: string | null): Promise<boolean> =>
    name !== null && (await database.query(statements.nameTaken, [name])).length > 0;
  return {
    ...createAccountOrders(database),

    create: async (account) => {
      const [row] = await database.query<CreatedRow>(statements.create, newAccountValues(account));
      if (row?.id) return accepted({ accountId: AccountId(Number(row.id)) });
      if (row?.may_join === false) return refused("invitation-invalid");
      return refused((await isNameTaken(account.name)) ? "name-taken" : "email-taken");
    },

    isInvitation: async (hash) => (await database.query(statements.isInvitation, [hash])).length > 0,
    findByName,
    findByEmail,
    raiseFence: (...of) => raiseFence(of),
    noteLogin,
    ...createPasswordStore(database),

    hasLoggedInFrom: async ({ accountId, address }) =>
      (await database.query(statements.hasLoggedInFrom, [accountId, inet(address)])).length > 0,

    forgetPlaces: async () => {
      await database.query(statements.forgetPlaces, []);
    },

    parametersInUse: async () => {
      const rows = await database.query<InUseRow>(statements.parametersInUse, []);
      // Decoys for unknown names imitate these parameters. An account whose parameters no server can use
      // cannot log in, so it is not imitated.
      const usable = rows.filter((row) => isReadable(row, hashColumns));
      return usable.map(({ memory_kib, iterations, parallelism, count }) => ({
        parameters: { memoryKib: memory_kib, iterations, parallelism },
        count,
      }));
    },
  };
}

function raisedFrom(row: Row, accountId: AccountId): RaiseAnswer {
  const { lock_fence, sex, last_login_at } = readRow("account", row, raisedReaders, accountId);
  return accepted({ fence: Fence(lock_fence), sex, lastLoginMs: last_login_at });
}

interface CreatedRow extends Row {
  readonly id: string | null;
  readonly may_join: boolean;
}

const newAccountValues = (account: NewAccount): readonly unknown[] => {
  const { name, sex, credential, email = null, isEmailPending = false, invitation = null } = account;
  const key = email === null || isEmailPending ? null : email.key;
  return [name, sex, ...credentialValues(credential), email?.address ?? null, key, invitation];
};

/** Returns null for a text that is neither an IP address nor the /64 of an IPv6 address. */
const inet = (address = ""): string | null => (isIP(address.replace(/\/64$/, "")) === 0 ? null : address);

const isSameName = (found: unknown, name: string): boolean =>
  typeof found === "string" && canonicalName(found) === canonicalName(name);

/**
 * Returns null if the row belongs to another account. Such a row is converted too, so that both cases take
 * the same time, but an unreadable value in it is ignored.
 */
function accountIf(nearest: Row | undefined, isMeant: (row: Row) => boolean): Account | null {
  if (nearest === undefined) return null;
  const isTheirs = isMeant(nearest);
  try {
    const account = accountOf(nearest);
    return isTheirs ? account : null;
  } catch (error) {
    if (isTheirs || !(error instanceof UnreadableRow)) throw error;
    return null;
  }
}

function accountOf(found: Row): Account {
  const row = readRow("account", found, accountReaders);
  return {
    accountId: AccountId(row.id),
    name: row.name,
    email: row.email,
    isEmailConfirmed: row.email !== null && row.email_confirmed_at,
    sex: row.sex,
    role: row.role,
    bannedUntilMs: row.banned_until,
    banReason: row.ban_reason,
    fence: Fence(row.lock_fence),
    credential: {
      salt: row.salt,
      memoryKib: row.memory_kib,
      iterations: row.iterations,
      parallelism: row.parallelism,
      storedKey: row.stored_key,
      serverKey: row.server_key,
    },
  };
}
