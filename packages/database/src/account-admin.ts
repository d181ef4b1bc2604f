import type { Credential, Email, EndingLogins, PasswordFence } from "@sallyport/authentication";
import {
  type AccountId,
  accepted,
  type Fence,
  type JsonObject,
  type Outcome,
  refused,
} from "@sallyport/domain";
import type { Database, Statement } from "./database.ts";
import { createPasswordStore } from "./password-store.ts";
import { violatedUniqueness } from "./postgres-errors.ts";

/** Changes of an operator. Every method can throw `Unavailable`. */
export interface AccountAdmin {
  /**
   * Needs no old password. A delayed statement never replaces a newer password. Codes that were mailed for a
   * new password end.
   */
  setPassword(
    change: { accountId: AccountId; credential: Credential } & EndingLogins,
  ): Promise<Outcome<PasswordFence, "no-such-account">>;
  /**
   * Sets an address, which counts as confirmed, or removes it. A delayed statement never replaces a newer
   * address. Codes that were mailed end. `no-name`: the account has no name, so it needs an address.
   */
  setEmail(change: {
    accountId: AccountId;
    email: Email | null;
  }): Promise<Outcome<Record<never, never>, "no-such-account" | "email-taken" | "no-name">>;
  /**
   * Returns all that is stored about the owner of the account: see `docs/security.md`. Null: there is no such
   * account. It has no salt, key or code.
   */
  export(accountId: AccountId): Promise<JsonObject | null>;
  /**
   * Deletes the account with its characters in all worlds, and all that is stored about its owner. The trail
   * keeps the id alone. `accountFence` is that of the operator's own hold of the account.
   */
  delete(account: {
    accountId: AccountId;
    accountFence: Fence;
  }): Promise<Outcome<Record<never, never>, "lock-lost">>;
}

const ofAccount = (columns: string, table: string, order: string): string =>
  `coalesce((SELECT jsonb_agg(to_jsonb(found)) FROM (
      SELECT ${columns} FROM ${table} WHERE account_id = $1 ORDER BY ${order}) AS found), '[]')`;

const statements = {
  findKey: { name: "account-admin-find-key", text: "SELECT stored_key FROM accounts WHERE id = $1" },
  // `xmin` is another one after each change of the row, also after one that brings an older value back.
  findVersion: {
    name: "account-admin-find-version",
    text: "SELECT xmin AS version, name IS NULL AS is_nameless FROM accounts WHERE id = $1",
  },
  setEmail: {
    name: "account-admin-set-email",
    text: `WITH changed AS (
        UPDATE accounts SET email = $2, email_key = $3,
          email_confirmed_at = CASE WHEN $2::text IS NULL THEN NULL ELSE now() END
        WHERE id = $1 AND xmin = $4::xid RETURNING id
      ), spent AS (DELETE FROM mail_tokens WHERE account_id IN (SELECT id FROM changed))
      SELECT id FROM changed`,
  },
  export: {
    name: "account-admin-export",
    text: `SELECT jsonb_build_object(
        'account', to_jsonb(accounts) - '{salt,memory_kib,iterations,parallelism,stored_key,server_key}'::text[],
        'characters', ${ofAccount("*", "characters", "id")},
        'addresses', ${ofAccount("address, last_login_at", "account_places", "last_login_at")},
        'logins', ${ofAccount("*", "sessions", "fence")},
        'codes', ${ofAccount("purpose, email, expires_at", "mail_tokens", "expires_at")},
        'scores', ${ofAccount("*", "score_outbox", "at")},
        'trail', ${ofAccount("*", "trail", "id")}
      ) AS exported FROM accounts WHERE id = $1`,
  },
  // All rows go in one statement, so nobody sees an account without its characters.
  delete: {
    name: "account-admin-delete",
    text: `WITH owner AS MATERIALIZED (
        SELECT id FROM accounts WHERE id = $1 AND lock_fence = $2 FOR UPDATE
      ), no_characters AS (
        DELETE FROM characters USING owner WHERE account_id = owner.id
      ), no_logins AS (
        DELETE FROM sessions USING owner WHERE account_id = owner.id
      ), no_places AS (
        UPDATE trail SET address = NULL, device = NULL, dialect = NULL, client_version = NULL, detail = NULL
        FROM owner WHERE account_id = owner.id
      )
      DELETE FROM accounts USING owner WHERE accounts.id = owner.id RETURNING accounts.id`,
  },
} satisfies Record<string, Statement>;

interface VersionRow {
  readonly version: string;
  readonly is_nameless: boolean;
}

export function createAccountAdmin(database: Database): AccountAdmin {
  const passwords = createPasswordStore(database);
  return {
    setPassword: async ({ accountId, ...set }) => {
      // If no row was changed, somebody else has just set another password. This one counts as the later one.
      for (;;) {
        const [found] = await database.query<{ stored_key: Buffer }>(statements.findKey, [accountId]);
        if (found === undefined) return refused("no-such-account");
        const replaced = { storedKey: found.stored_key };
        const changed = await passwords.changePassword({ ...set, accountId, replaced });
        if (changed.ok) return changed;
      }
    },

    setEmail: async ({ accountId, email }) => {
      const values = [accountId, email?.address ?? null, email?.key ?? null];
      try {
        for (;;) {
          const [found] = await database.query<VersionRow>(statements.findVersion, [accountId]);
          if (found === undefined) return refused("no-such-account");
          if (found.is_nameless && email === null) return refused("no-name");
          const [row] = await database.query(statements.setEmail, [...values, found.version]);
          if (row) return accepted({});
        }
      } catch (error) {
        if (violatedUniqueness(error) !== "accounts_email_unique") throw error;
        return refused("email-taken");
      }
    },

    export: async (accountId) => {
      const [row] = await database.query<{ exported: JsonObject }>(statements.export, [accountId]);
      return row?.exported ?? null;
    },

    delete: async ({ accountId, accountFence }) => {
      const [row] = await database.query(statements.delete, [accountId, accountFence]);
      return row ? accepted({}) : refused("lock-lost");
    },
  };
}
