import { codesMax, type MailTokens, type NewToken } from "@sallyport/authentication";
import type { AccountId } from "@sallyport/domain";
import { accepted, refused } from "@sallyport/domain";
import { type AccountRecord, setPassword } from "./memory-accounts.ts";

/** `now` returns milliseconds since 1970. */
export function createMemoryMailTokens(
  records: ReadonlyMap<AccountId, AccountRecord>,
  now: () => number,
): MailTokens {
  let tokens: (NewToken & { readonly expiresMs: number; readonly passwordNumber: number })[] = [];
  const passwordNumber = (accountId: AccountId): number => records.get(accountId)?.passwordNumber ?? 0;
  const forgetExpired = async (): Promise<void> => {
    tokens = tokens.filter(({ expiresMs }) => expiresMs > now());
  };
  const validFor = (purpose: NewToken["purpose"], hash: Uint8Array) =>
    tokens.find(
      (token) =>
        token.purpose === purpose &&
        token.expiresMs > now() &&
        (purpose === "confirm" || token.passwordNumber === passwordNumber(token.accountId)) &&
        Buffer.from(token.tokenHash).equals(hash),
    );
  const spend = ({ accountId, purpose }: NewToken): void => {
    tokens = tokens.filter((token) => token.accountId !== accountId || token.purpose !== purpose);
  };

  return {
    add: async (token) => {
      await forgetExpired();
      const { accountId, purpose, lifeMs } = token;
      const valid = tokens.filter((each) => each.accountId === accountId && each.purpose === purpose);
      if (valid.length >= codesMax) return refused("too-many");
      tokens.push({ ...token, expiresMs: now() + lifeMs, passwordNumber: passwordNumber(accountId) });
      return accepted({});
    },

    confirm: async (hash) => {
      const token = validFor("confirm", hash);
      const record = token && records.get(token.accountId);
      if (!record) return refused("code-invalid");
      const { email } = token;
      const others = [...records.values()].filter((each) => each !== record);
      if (others.some(({ emailKey }) => emailKey === email.key)) return refused("email-taken");
      Object.assign(record, { email: email.address, emailKey: email.key, isEmailConfirmed: true });
      spend(token);
      return accepted({ accountId: token.accountId });
    },

    forReset: async (hash) => validFor("reset", hash)?.accountId ?? null,

    reset: async ({ tokenHash, ...set }) => {
      const token = validFor("reset", tokenHash);
      const record = token && records.get(token.accountId);
      if (record?.emailKey !== token?.email.key || !record) return refused("code-invalid");
      record.isEmailConfirmed = true;
      spend(token);
      return accepted({ accountId: token.accountId, ...setPassword(record, set) });
    },

    forgetExpired,
  };
}
