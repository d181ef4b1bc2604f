import type { Credential, EndingLogins, PasswordFence, RegisteredAccounts } from "@sallyport/authentication";
import { accepted, Fence, refused } from "@sallyport/domain";
import type { Database, Statement } from "./database.ts";
import { columns, type Row, readRow } from "./stored-values.ts";

/** The values of `credentialValues` come first. */
const credentialSet = `salt = $1, memory_kib = $2, iterations = $3, parallelism = $4, stored_key = $5,
  server_key = $6`;

/**
 * Sets a new password. The values of `passwordValues` come first. The fence rises in the same statement, so a
 * request that is repeated ends no login that is newer than the password.
 */
export const passwordSet = `${credentialSet}, credential_changed_at = now(),
  lock_fence = lock_fence + $7::integer, password_fence = lock_fence + $7::integer`;

const statements = {
  replaceCredential: {
    name: "account-replace-credential",
    text: `UPDATE accounts SET ${credentialSet} WHERE id = $7 AND stored_key = $8 RETURNING id`,
  },
  changePassword: {
    name: "account-change-password",
    text: `WITH changed AS (
        UPDATE accounts SET ${passwordSet} WHERE id = $8 AND stored_key = $9 RETURNING id, password_fence
      ), spent AS (
        DELETE FROM mail_tokens WHERE purpose = 'reset' AND account_id IN (SELECT id FROM changed)
      )
      SELECT id, password_fence FROM changed`,
  },
  passwordFence: {
    name: "account-password-fence",
    text: "SELECT id, password_fence FROM accounts WHERE id = $1 AND stored_key = $2",
  },
} satisfies Record<string, Statement>;

type PasswordStore = Pick<RegisteredAccounts, "replaceCredential" | "changePassword" | "passwordFence">;

export const createPasswordStore = (database: Database): PasswordStore => ({
  replaceCredential: async ({ accountId, replaced, credential }) => {
    const values = [...credentialValues(credential), accountId, replaced.storedKey];
    const [row] = await database.query(statements.replaceCredential, values);
    return row ? accepted({}) : refused("credential-changed");
  },

  changePassword: async ({ accountId, replaced, ...set }) => {
    const values = [...passwordValues(set), accountId, replaced.storedKey];
    const [row] = await database.query<Row>(statements.changePassword, values);
    return row ? accepted(passwordFenceOf(row)) : refused("credential-changed");
  },

  passwordFence: async ({ accountId, credential }) => {
    const [row] = await database.query<Row>(statements.passwordFence, [accountId, credential.storedKey]);
    return row ? passwordFenceOf(row) : null;
  },
});

/** The columns of a credential, in the order of the statements. */
export const credentialValues = (credential: Credential): readonly unknown[] => [
  credential.salt,
  credential.memoryKib,
  credential.iterations,
  credential.parallelism,
  credential.storedKey,
  credential.serverKey,
];

export const passwordValues = ({
  credential,
  endsLogins,
}: EndingLogins & { readonly credential: Credential }): readonly unknown[] => [
  ...credentialValues(credential),
  endsLogins ? 1 : 0,
];

const fenceReaders = { password_fence: columns.fence };

export const passwordFenceOf = (row: Row): PasswordFence => ({
  fence: Fence(readRow("account", row, fenceReaders).password_fence),
});
