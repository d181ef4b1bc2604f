import type { Json } from "@sallyport/domain";
import type { Database, Statement } from "./database.ts";

/* The trail in Postgres. Rows travel as one JSON list, so a batch of any size is one prepared statement. */

/** A row of the table `trail`. Times are ISO 8601. */
export interface TrailRow {
  readonly id: string;
  readonly at: string;
  readonly what: string;
  readonly account_id: number | null;
  readonly char_id: number | null;
  readonly address: string | null;
  readonly device: string | null;
  readonly dialect: string | null;
  readonly client_version: string | null;
  readonly server: string;
  readonly by: string | null;
  readonly why: string | null;
  readonly detail: Json;
}

/** A row of the table `sessions`. Rows with the same account and fence are merged. */
export interface LoginRow {
  readonly account_id: number;
  readonly fence: number;
  readonly address: string | null;
  readonly device: string | null;
  readonly dialect: string | null;
  readonly client_version: string | null;
  readonly connected_at: string;
  readonly last_active_at: string;
  readonly ended_at: string | null;
}

/** How often an account was logged on, as far as the trail goes back. */
export interface LoginCounts {
  readonly account_id: number;
  readonly log_ons: number;
  /** How many of these logins have ended. */
  readonly log_offs: number;
}

export interface TrailPage {
  /** The newest first. */
  readonly rows: readonly TrailRow[];
  /** Rows before this id come next. Null: there are no more. */
  readonly before: string | null;
}

export interface TrailAsked {
  readonly accountIds: readonly number[];
  readonly charIds: readonly number[];
  /** An address, or a network like `10.0.0.0/8`. */
  readonly address: string | null;
  readonly before: string | null;
  readonly limit: number;
}

/** Every method can throw `Unavailable`. */
export interface TrailStore {
  /** Writing the same rows again changes nothing. */
  write(rows: readonly TrailRow[]): Promise<void>;
  /** No two rows have the same account and fence. */
  writeLogins(rows: readonly LoginRow[]): Promise<void>;
  /** Finds the rows about any of the accounts and characters, or from the address. */
  read(asked: TrailAsked): Promise<TrailPage>;
  /** The refused logins of an account in the last day, the newest first. */
  refusals(accountId: number, limit: number): Promise<readonly TrailRow[]>;
  /** The newest logins of an account, the newest first. */
  logins(accountId: number, limit: number): Promise<readonly LoginRow[]>;
  /** Counts the logins of each account that had any. */
  counts(accountIds: readonly number[]): Promise<readonly LoginCounts[]>;
  /** Removes rows that are older, and returns whether there may be more of them. */
  forget(olderThanMs: number): Promise<boolean>;
}

const columns =
  "id, at, what, account_id, char_id, address, device, dialect, client_version, server, by, why, detail";
const shown = `id::text, to_json(at) AS at, what, account_id::float8, char_id::float8, host(address) AS address,
  device, dialect, client_version, server, by, why, detail`;
const loginShown = `account_id::float8, fence::float8, host(address) AS address, device, dialect, client_version,
  to_json(connected_at) AS connected_at, to_json(last_active_at) AS last_active_at, to_json(ended_at) AS ended_at`;

const forgottenAtOnce = 5_000;

const before = "($4::uuid IS NULL OR id < $4) ORDER BY id DESC LIMIT $5";

const statements = {
  write: {
    name: "trail-write",
    text: `INSERT INTO trail (${columns})
      SELECT ${columns} FROM jsonb_to_recordset($1::jsonb) AS entry (id uuid, at timestamptz, what text,
        account_id bigint, char_id bigint, address inet, device text, dialect text, client_version text,
        server text, by text, why text, detail jsonb)
      ON CONFLICT (id) DO NOTHING`,
  },
  writeLogins: {
    name: "trail-write-logins",
    text: `INSERT INTO sessions AS known (account_id, fence, address, device, dialect, client_version,
        connected_at, last_active_at, ended_at)
      SELECT account_id, fence, address, device, dialect, client_version, connected_at, last_active_at, ended_at
      FROM jsonb_to_recordset($1::jsonb) AS entry (account_id bigint, fence bigint, address inet, device text,
        dialect text, client_version text, connected_at timestamptz, last_active_at timestamptz,
        ended_at timestamptz)
      ON CONFLICT (account_id, fence) DO UPDATE SET
        address = coalesce(known.address, excluded.address),
        device = coalesce(known.device, excluded.device),
        dialect = coalesce(known.dialect, excluded.dialect),
        client_version = coalesce(known.client_version, excluded.client_version),
        connected_at = least(known.connected_at, excluded.connected_at),
        last_active_at = greatest(known.last_active_at, excluded.last_active_at),
        ended_at = coalesce(known.ended_at, excluded.ended_at)`,
  },
  // Three indexes give their newest rows, and the newest of these are returned.
  read: {
    name: "trail-read",
    text: `SELECT ${shown} FROM (
        (SELECT * FROM trail WHERE account_id = ANY($1::bigint[]) AND ${before}) UNION
        (SELECT * FROM trail WHERE char_id = ANY($2::bigint[]) AND ${before}) UNION
        (SELECT * FROM trail WHERE address <<= $3::inet AND ${before})
      ) AS found ORDER BY found.id DESC LIMIT $5`,
  },
  refusals: {
    name: "trail-refusals",
    text: `SELECT ${shown} FROM trail
      WHERE account_id = $1 AND what = 'login-refused' AND at > now() - interval '1 day'
      ORDER BY trail.id DESC LIMIT $2`,
  },
  // An operator that takes an account over has no dialect.
  logins: {
    name: "trail-logins",
    text: `SELECT ${loginShown} FROM sessions
      WHERE account_id = $1 AND dialect IS NOT NULL ORDER BY fence DESC LIMIT $2`,
  },
  counts: {
    name: "trail-counts",
    text: `SELECT account_id::float8, count(*)::integer AS log_ons, count(ended_at)::integer AS log_offs
      FROM sessions WHERE account_id = ANY($1::bigint[]) AND dialect IS NOT NULL
      GROUP BY account_id ORDER BY account_id`,
  },
  forget: {
    name: "trail-forget",
    text: `WITH old AS (
        DELETE FROM trail WHERE id IN (SELECT id FROM trail WHERE at < to_timestamp($1::float8 / 1000)
          ORDER BY at LIMIT ${forgottenAtOnce}) RETURNING 1
      ), old_logins AS (
        DELETE FROM sessions WHERE (account_id, fence) IN (SELECT account_id, fence FROM sessions
          WHERE last_active_at < to_timestamp($1::float8 / 1000)
          ORDER BY last_active_at LIMIT ${forgottenAtOnce}) RETURNING 1
      )
      SELECT greatest((SELECT count(*) FROM old), (SELECT count(*) FROM old_logins))::integer AS count`,
  },
} satisfies Record<string, Statement>;

export function createTrailStore(database: Database): TrailStore {
  return {
    write: async (rows) => {
      await database.query(statements.write, [JSON.stringify(rows)]);
    },

    writeLogins: async (rows) => {
      await database.query(statements.writeLogins, [JSON.stringify(rows)]);
    },

    read: async ({ accountIds, charIds, address, before, limit }) => {
      // One row more shows whether there is another page.
      const values = [accountIds, charIds, address, before, limit + 1];
      const found = await database.query<TrailRow>(statements.read, values);
      const rows = found.slice(0, limit);
      return { rows, before: found.length > limit ? (rows.at(-1)?.id ?? null) : null };
    },

    refusals: (accountId, limit) => database.query<TrailRow>(statements.refusals, [accountId, limit]),

    logins: (accountId, limit) => database.query<LoginRow>(statements.logins, [accountId, limit]),

    counts: (accountIds) => database.query<LoginCounts>(statements.counts, [accountIds]),

    forget: async (olderThanMs) => {
      const [row] = await database.query<{ count: number }>(statements.forget, [olderThanMs]);
      return (row?.count ?? 0) >= forgottenAtOnce;
    },
  };
}
