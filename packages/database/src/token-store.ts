import { AccountId, accepted, type Outcome, type Role, refused, refusedBecause } from "@sallyport/domain";
import { banLeftMs, isNotBanned } from "./account-store.ts";
import type { Database, Statement } from "./database.ts";
import { columns, orNull, type Row, readRow } from "./stored-values.ts";

/** A key that signs identity tokens, as it is stored. Times are in milliseconds since 1970. */
export interface StoredTokenKey {
  /** Keys are numbered in the order in which they were made. */
  readonly number: number;
  readonly kid: string;
  readonly publicKey: string;
  /** Null: the key has ended. */
  readonly privateKey: string | null;
  readonly madeMs: number;
  readonly signsUntilMs: number;
  /** No token of the key is valid after this time. */
  readonly verifiesUntilMs: number;
}

/** What a token says about an account. */
export interface TokenHolder {
  readonly accountId: AccountId;
  readonly name: string | null;
  readonly role: Role;
  /** The Unix second in which a token for the account is issued. No revocation until now covers it. */
  readonly issuedS: number;
}

export interface TokenRevocation {
  readonly accountId: AccountId;
  readonly beforeMs: number;
}

/** Every method can throw `Unavailable`. */
export interface TokenStore {
  /** Returns the keys by their numbers. There are few, because `forget` deletes old ones. */
  keys(): Promise<readonly StoredTokenKey[]>;
  /** Does nothing if there is a key with this number already: another server made it. */
  addKey(key: StoredTokenKey): Promise<void>;
  /**
   * Reads the account for a token. With `storedKey`, the credential has to be that one still: a password that
   * was changed after it was checked gives no token.
   */
  holder(
    accountId: AccountId,
    storedKey: Uint8Array | null,
  ): Promise<Outcome<TokenHolder, "no-such-account" | "banned">>;
  /** Returns the revocations of the last `withinMs` milliseconds, newest first, at most `countMax`. */
  revocations(withinMs: number, countMax: number): Promise<readonly TokenRevocation[]>;
  /** Deletes private keys that have ended, keys without a valid token, and revocations older than `withinMs`. */
  forget(withinMs: number): Promise<void>;
}

const inMs = (column: string): string => `floor(extract(epoch FROM ${column}) * 1000)::bigint`;

const statements = {
  keys: {
    name: "token-keys",
    text: `SELECT number, kid, public_key, private_key, ${inMs("made_at")} AS made_ms,
        ${inMs("signs_until")} AS signs_until_ms, ${inMs("verifies_until")} AS verifies_until_ms
      FROM token_keys ORDER BY number`,
  },
  addKey: {
    name: "token-key-add",
    text: `INSERT INTO token_keys (number, kid, public_key, private_key, made_at, signs_until, verifies_until)
      VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (number) DO NOTHING`,
  },
  // The lock makes the token wait for a change of the account that is not committed yet. Postgres then reads
  // the row again. A token after a revocation is dated to the next second. A later revocation covers it.
  holder: {
    name: "token-holder",
    text: `SELECT id, name, role, ban_reason,
        NOT ${isNotBanned} AS is_banned, ${banLeftMs} AS left_ms, token_issued_s(id) AS issued_s
      FROM accounts WHERE id = $1 AND ($2::bytea IS NULL OR stored_key = $2) FOR SHARE`,
  },
  revocations: {
    name: "token-revocations",
    text: `SELECT account_id, ${inMs("before")} AS before_ms FROM token_revocations
      WHERE before > now() - $1 * interval '1 millisecond' AND isfinite(before) ORDER BY before DESC LIMIT $2`,
  },
  forget: {
    name: "token-forget",
    text: `WITH ended AS (
        UPDATE token_keys SET private_key = NULL WHERE signs_until <= now() AND private_key IS NOT NULL
          AND verifies_until > now()
      ), no_keys AS (DELETE FROM token_keys WHERE verifies_until <= now())
      DELETE FROM token_revocations WHERE before <= now() - $1 * interval '1 millisecond'`,
  },
} satisfies Record<string, Statement>;

interface KeyRow extends Row {
  readonly number: number;
  readonly kid: string;
  readonly public_key: string;
  readonly private_key: string | null;
  /** `pg` gives a bigint as text. */
  readonly made_ms: string;
  readonly signs_until_ms: string;
  readonly verifies_until_ms: string;
}

interface RevocationRow extends Row {
  readonly account_id: string;
  readonly before_ms: string;
}

const holderReaders = {
  id: columns.id,
  name: orNull(columns.accountName),
  role: columns.role,
  ban_reason: columns.note,
  is_banned: (value: unknown) => (typeof value === "boolean" ? value : undefined),
  left_ms: orNull(columns.fence),
  issued_s: columns.fence,
};

export const createTokenStore = (database: Database): TokenStore => ({
  keys: async () => {
    const rows = await database.query<KeyRow>(statements.keys, []);
    return rows.map((row) => ({
      ...{ number: row.number, kid: row.kid, publicKey: row.public_key, privateKey: row.private_key },
      madeMs: Number(row.made_ms),
      signsUntilMs: Number(row.signs_until_ms),
      verifiesUntilMs: Number(row.verifies_until_ms),
    }));
  },

  addKey: async ({ number, kid, publicKey, privateKey, ...times }) => {
    const { madeMs, signsUntilMs, verifiesUntilMs } = times;
    const dates = [madeMs, signsUntilMs, verifiesUntilMs].map((ms) => new Date(ms));
    await database.query(statements.addKey, [number, kid, publicKey, privateKey, ...dates]);
  },

  holder: async (accountId, storedKey) => {
    const [found] = await database.query<Row>(statements.holder, [accountId, storedKey]);
    if (found === undefined) return refused("no-such-account");
    const row = readRow("account", found, holderReaders, accountId);
    if (row.is_banned) return refusedBecause("banned", { retryAfterMs: row.left_ms, detail: row.ban_reason });
    return accepted({ accountId, name: row.name, role: row.role, issuedS: row.issued_s });
  },

  revocations: async (withinMs, countMax) => {
    const rows = await database.query<RevocationRow>(statements.revocations, [withinMs, countMax]);
    return rows.map(({ account_id, before_ms }) => ({
      accountId: AccountId(Number(account_id)),
      beforeMs: Number(before_ms),
    }));
  },

  forget: async (withinMs) => {
    await database.query(statements.forget, [withinMs]);
  },
});
