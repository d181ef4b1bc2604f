import { type AccountId, accepted, refused } from "@sallyport/domain";
import type { AccountRecord } from "./memory-accounts.ts";
import { banOf } from "./memory-orders.ts";
import type { StoredTokenKey, TokenStore } from "./token-store.ts";

/** `now` returns milliseconds since 1970. */
export function createMemoryTokenStore(
  records: ReadonlyMap<AccountId, AccountRecord>,
  now: () => number,
): TokenStore {
  let keys: StoredTokenKey[] = [];
  const revoked = new Map<AccountId, number>();
  const seen = new Map<AccountId, string>();

  /** The second in which a token comes after the last revocation. It may be ahead of the clock. */
  const afterRevokedS = (accountId: AccountId): number =>
    Math.floor((revoked.get(accountId) ?? Number.NEGATIVE_INFINITY) / 1_000) + 1;

  /** Also covers a token that is dated ahead of the clock. */
  const revoke = (accountId: AccountId): void => {
    revoked.set(accountId, Math.max(now(), afterRevokedS(accountId) * 1_000));
  };

  /**
   * Finds accounts that have changed since the last look. Each method looks first. So no token was issued between
   * a change and the look that finds it.
   */
  function look(): void {
    for (const { accountId, role, bannedUntilMs, credential } of records.values()) {
      const standing = `${role} ${bannedUntilMs} ${Buffer.from(credential.storedKey).toString("hex")}`;
      const before = seen.get(accountId);
      if (before !== undefined && before !== standing) revoke(accountId);
      seen.set(accountId, standing);
    }
  }

  return {
    keys: async () => keys.toSorted((a, b) => a.number - b.number),

    addKey: async (key) => {
      if (!keys.some(({ number }) => number === key.number)) keys.push(key);
    },

    holder: async (accountId, storedKey) => {
      look();
      const record = records.get(accountId);
      if (!record || (storedKey !== null && !Buffer.from(storedKey).equals(record.credential.storedKey)))
        return refused("no-such-account");
      const banned = banOf(record, now());
      if (banned) return banned;
      const issuedS = Math.max(Math.floor(now() / 1_000), afterRevokedS(accountId));
      return accepted({ accountId, name: record.name, role: record.role, issuedS });
    },

    revocations: async (withinMs, countMax) => {
      look();
      return [...revoked]
        .filter(([, beforeMs]) => beforeMs > now() - withinMs)
        .sort(([, a], [, b]) => b - a)
        .slice(0, countMax)
        .map(([accountId, beforeMs]) => ({ accountId, beforeMs }));
    },

    forget: async (withinMs) => {
      keys = keys
        .filter(({ verifiesUntilMs }) => verifiesUntilMs > now())
        .map((key) => (key.signsUntilMs <= now() ? { ...key, privateKey: null } : key));
      for (const [accountId, beforeMs] of revoked)
        if (beforeMs <= now() - withinMs) revoked.delete(accountId);
    },
  };
}
