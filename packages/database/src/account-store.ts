import {
  type Account,
  type Credential,
  canonicalName,
  type RegisteredAccounts,
} from "@sallyport/authentication";
import {
  AccountId,
  accepted,
  Fence,
  type Outcome,
  refused,
  type Sex,
  UnreadableRow,
} from "@sallyport/domain";
import { inBatches } from "./batches.ts";
import type { Database, Statement } from "./database.ts";
import { columns, hashColumns, isReadable, orNull, type Row, readRow } from "./stored-values.ts";

export interface RaisedAccountFence {
  readonly fence: Fence;
  readonly sex: Sex;
  /** The last recorded login was at this time, in milliseconds since 1970. Null: there was none. */
  readonly lastLoginMs: number | null;
}

/** Every method can throw `Unavailable`. Then it is unknown whether the request was carried out. */
export interface AccountStore extends RegisteredAccounts {
  /**
   * Raises the fence. After that, every request with an older fence of this account is refused. If `seen` is
   * given, the fence is raised only if it still equals `seen`: a delayed request must not take the account
   * from a newer owner.
   */
  raiseFence(
    accountId: AccountId,
    seen?: Fence,
  ): Promise<Outcome<RaisedAccountFence, "no-such-account" | "raised-meanwhile">>;
  /** Records a login, unless a newer login has raised the fence. */
  noteLogin(login: {
    accountId: AccountId;
    fence: Fence;
  }): Promise<Outcome<Record<never, never>, "raised-meanwhile">>;
  /** Null lifts the ban; Infinity bans forever. A delayed statement never replaces a newer ban. */
  setBan(ban: {
    name: string;
    untilMs: number | null;
  }): Promise<Outcome<{ readonly accountId: AccountId }, "no-such-account">>;
}

const accountColumns =
  "id, name, sex, banned_until, salt, memory_kib, iterations, parallelism, stored_key, server_key, lock_fence";

const statements = {
  create: {
    name: "account-create",
    text: `INSERT INTO accounts (name, sex, salt, memory_kib, iterations, parallelism, stored_key, server_key)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING id`,
  },
  // Reads the account with each name, or else the next account in the alphabet, or else the first account.
  // Postgres does the same work in all three cases, so the time does not show whether the name exists.
  findByName: {
    name: "account-find-by-name",
    text: `SELECT nth::integer, nearest.*
      FROM unnest($1::text[]) WITH ORDINALITY AS asked (asked_name, nth) CROSS JOIN LATERAL (
        SELECT ${accountColumns} FROM (
          (SELECT 1 AS place, ${accountColumns} FROM accounts
            WHERE lower(name COLLATE "C") >= lower(asked_name COLLATE "C")
            ORDER BY lower(name COLLATE "C") LIMIT 1)
          UNION ALL
          (SELECT 2 AS place, ${accountColumns} FROM accounts ORDER BY lower(name COLLATE "C") LIMIT 1)
        ) AS found ORDER BY place LIMIT 1
      ) AS nearest`,
  },
  raiseFence: {
    name: "account-raise-fence",
    text: `WITH raised AS MATERIALIZED (
        SELECT accounts.id, nth
        FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS asked (account_id, seen, nth)
        JOIN accounts ON accounts.id = account_id
        WHERE (seen IS NULL OR lock_fence = seen) AND lock_fence < ${Number.MAX_SAFE_INTEGER}
        ORDER BY accounts.id FOR NO KEY UPDATE OF accounts SKIP LOCKED
      )
      UPDATE accounts SET lock_fence = lock_fence + 1 FROM raised WHERE accounts.id = raised.id
      RETURNING nth::integer, lock_fence, sex, last_login_at`,
  },
  raiseFenceAlone: {
    name: "account-raise-fence-alone",
    text: `UPDATE accounts SET lock_fence = lock_fence + 1
      WHERE id = $1 AND ($2::bigint IS NULL OR lock_fence = $2) RETURNING lock_fence, sex, last_login_at`,
  },
  noteLogin: {
    name: "account-note-login",
    text: `WITH noted AS MATERIALIZED (
        SELECT accounts.id, nth
        FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS asked (account_id, fence, nth)
        JOIN accounts ON accounts.id = account_id AND lock_fence = fence
        ORDER BY accounts.id FOR NO KEY UPDATE OF accounts SKIP LOCKED
      )
      UPDATE accounts SET previous_login_at = last_login_at, last_login_at = now()
      FROM noted WHERE accounts.id = noted.id RETURNING nth::integer`,
  },
  noteLoginAlone: {
    name: "account-note-login-alone",
    text: `UPDATE accounts SET previous_login_at = last_login_at, last_login_at = now()
      WHERE id = $1 AND lock_fence = $2 RETURNING id`,
  },
  replaceCredential: {
    name: "account-replace-credential",
    text: `UPDATE accounts SET salt = $3, memory_kib = $4, iterations = $5, parallelism = $6, stored_key = $7,
      server_key = $8 WHERE id = $1 AND stored_key = $2 RETURNING id`,
  },
  parametersInUse: {
    name: "account-parameters-in-use",
    text: `SELECT memory_kib, iterations, parallelism, count(*)::integer AS count FROM (
        (SELECT id, memory_kib, iterations, parallelism FROM accounts ORDER BY id LIMIT 1000) UNION
        (SELECT id, memory_kib, iterations, parallelism FROM accounts ORDER BY id DESC LIMIT 1000)
      ) AS sample GROUP BY memory_kib, iterations, parallelism`,
  },
  findBan: {
    name: "account-find-ban",
    text: `SELECT id, ban_number FROM accounts WHERE lower(name COLLATE "C") = lower($1::text COLLATE "C")`,
  },
  setBan: {
    name: "account-set-ban",
    text: `UPDATE accounts SET banned_until = $3, ban_number = ban_number + 1
      WHERE id = $1 AND ban_number = $2 RETURNING id`,
  },
} satisfies Record<string, Statement>;

const accountReaders = {
  id: columns.id,
  name: columns.accountName,
  sex: columns.sex,
  banned_until: columns.bannedUntil,
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
const banReaders = { id: columns.id, ban_number: columns.fence };

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
  const findByName = inBatches<string, Account | null>(database, {
    statement: statements.findByName,
    valuesOf: (name) => [name],
    answerOf: (name, [row]) => (row ? accountNamed(name, row) : null),
  });
  const raiseFence = inBatches<Raise, RaiseAnswer>(database, {
    statement: statements.raiseFence,
    keyOf: ([accountId]) => accountId,
    valuesOf: ([accountId, seen]) => [accountId, seen ?? null],
    answerOf: ([accountId], [row]) => row && raisedFrom(row, accountId),
    alone: async ([accountId, seen]) => {
      const [row] = await database.query<Row>(statements.raiseFenceAlone, [accountId, seen ?? null]);
      if (row) return raisedFrom(row, accountId);
      return refused(seen === undefined ? "no-such-account" : "raised-meanwhile");
    },
  });
  const noteLogin = inBatches<Note, NoteAnswer>(database, {
    statement: statements.noteLogin,
    keyOf: ({ accountId }) => accountId,
    valuesOf: ({ accountId, fence }) => [accountId, fence],
    answerOf: (_, [row]) => row && accepted({}),
    alone: async ({ accountId, fence }) => {
      const [row] = await database.query<Row>(statements.noteLoginAlone, [accountId, fence]);
      return row ? accepted({}) : refused("raised-meanwhile");
    },
  });
  return {
    create: async ({ name, sex, credential }) => {
      const values = [name, sex, ...valuesOf(credential)];
      const [row] = await database.query<{ id: string }>(statements.create, values);
      return row ? accepted({ accountId: AccountId(Number(row.id)) }) : refused("name-taken");
    },

    findByName,
    raiseFence: (...of) => raiseFence(of),
    noteLogin,

    replaceCredential: async ({ accountId, replaced, credential }) => {
      const values = [accountId, replaced.storedKey, ...valuesOf(credential)];
      const [row] = await database.query(statements.replaceCredential, values);
      return row ? accepted({}) : refused("credential-changed");
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

    setBan: async ({ name, untilMs }) => {
      const until =
        untilMs === Number.POSITIVE_INFINITY ? "infinity" : untilMs === null ? null : new Date(untilMs);
      for (;;) {
        const [found] = await database.query<Row>(statements.findBan, [name]);
        if (!found) return refused("no-such-account");
        const { id, ban_number } = readRow("account", found, banReaders);
        // If no row was updated, another request has just changed the ban. The next round overwrites that
        // ban, so this request is treated as the later one.
        const [row] = await database.query(statements.setBan, [id, ban_number, until]);
        if (row) return accepted({ accountId: AccountId(id) });
      }
    },
  };
}

function raisedFrom(row: Row, accountId: AccountId): RaiseAnswer {
  const { lock_fence, sex, last_login_at } = readRow("account", row, raisedReaders, accountId);
  return accepted({ fence: Fence(lock_fence), sex, lastLoginMs: last_login_at });
}

const valuesOf = (credential: Credential): readonly unknown[] => [
  credential.salt,
  credential.memoryKib,
  credential.iterations,
  credential.parallelism,
  credential.storedKey,
  credential.serverKey,
];

/**
 * Returns null if the row belongs to another account. Such a row is converted too, so that both cases take
 * the same time, but an unreadable value in it is ignored.
 */
function accountNamed(name: string, nearest: Row): Account | null {
  const isTheirs = canonicalName(String(nearest["name"])) === canonicalName(name);
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
    sex: row.sex,
    bannedUntilMs: row.banned_until,
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
