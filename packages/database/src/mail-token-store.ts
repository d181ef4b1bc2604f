import { codesMax, type MailTokens } from "@sallyport/authentication";
import { AccountId, accepted, refused } from "@sallyport/domain";
import type { Database, Statement } from "./database.ts";
import { passwordFenceOf, passwordSet, passwordValues } from "./password-store.ts";
import { violatedUniqueness } from "./postgres-errors.ts";
import type { Row } from "./stored-values.ts";

const statements = {
  add: {
    name: "mail-token-add",
    text: `INSERT INTO mail_tokens (token_hash, account_id, purpose, email, email_key, expires_at)
      SELECT $1, $2, $3, $4, $5, now() + $6 * interval '1 millisecond'
      WHERE (SELECT count(*) FROM mail_tokens
        WHERE account_id = $2 AND purpose = $3 AND expires_at > now()) < ${codesMax}
      RETURNING account_id`,
  },
  // The code stays valid if the address has become that of another account meanwhile.
  confirm: {
    name: "mail-token-confirm",
    text: `WITH shown AS MATERIALIZED (
        SELECT account_id, email, email_key FROM mail_tokens
        WHERE token_hash = $1 AND purpose = 'confirm' AND expires_at > now() FOR UPDATE
      ), confirmed AS (
        UPDATE accounts SET email = shown.email, email_key = shown.email_key, email_confirmed_at = now()
        FROM shown WHERE accounts.id = account_id AND NOT EXISTS (
          SELECT FROM accounts AS other WHERE other.email_key = shown.email_key AND other.id <> account_id
        ) RETURNING accounts.id
      ), spent AS (
        DELETE FROM mail_tokens WHERE purpose = 'confirm' AND account_id IN (SELECT id FROM confirmed)
      )
      SELECT account_id, EXISTS (SELECT FROM confirmed) AS is_confirmed FROM shown`,
  },
  forReset: {
    name: "mail-token-for-reset",
    text: `SELECT account_id AS id FROM mail_tokens WHERE token_hash = $1 AND purpose = 'reset' AND expires_at > now()`,
  },
  // An address that has changed since the letter no longer opens the account.
  reset: {
    name: "mail-token-reset",
    text: `WITH shown AS MATERIALIZED (
        SELECT account_id, email_key FROM mail_tokens
        WHERE token_hash = $8 AND purpose = 'reset' AND expires_at > now() FOR UPDATE
      ), changed AS (
        UPDATE accounts SET ${passwordSet}, email_confirmed_at = coalesce(email_confirmed_at, now())
        FROM shown WHERE accounts.id = account_id AND accounts.email_key = shown.email_key
        RETURNING accounts.id, password_fence
      ), spent AS (
        DELETE FROM mail_tokens WHERE purpose = 'reset' AND account_id IN (SELECT id FROM changed)
      )
      SELECT id, password_fence FROM changed`,
  },
  forgetExpired: {
    name: "mail-token-forget-expired",
    text: `DELETE FROM mail_tokens WHERE expires_at < now()`,
  },
} satisfies Record<string, Statement>;

interface ConfirmedRow {
  readonly account_id: string;
  readonly is_confirmed: boolean;
}

export const createMailTokenStore = (database: Database): MailTokens => ({
  add: async ({ tokenHash, accountId, purpose, email, lifeMs }) => {
    const values = [tokenHash, accountId, purpose, email.address, email.key, lifeMs];
    const [row] = await database.query(statements.add, values);
    return row ? accepted({}) : refused("too-many");
  },

  confirm: async (tokenHash) => {
    try {
      const [row] = await database.query<ConfirmedRow>(statements.confirm, [tokenHash]);
      if (row === undefined) return refused("code-invalid");
      return row.is_confirmed
        ? accepted({ accountId: AccountId(Number(row.account_id)) })
        : refused("email-taken");
    } catch (error) {
      // Another account got the address while this statement ran.
      if (violatedUniqueness(error) === undefined) throw error;
      return refused("email-taken");
    }
  },

  forReset: async (tokenHash) => {
    const [row] = await database.query<{ id: string }>(statements.forReset, [tokenHash]);
    return row ? AccountId(Number(row.id)) : null;
  },

  reset: async ({ tokenHash, ...set }) => {
    const [row] = await database.query<Row>(statements.reset, [...passwordValues(set), tokenHash]);
    if (row === undefined) return refused("code-invalid");
    const accountId = AccountId(Number(row["id"]));
    return accepted({ accountId, ...passwordFenceOf(row) });
  },

  forgetExpired: async () => {
    await database.query(statements.forgetExpired, []);
  },
});
