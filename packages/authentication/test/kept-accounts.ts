import { type AccountId, accepted, Fence, AccountId as idOf, refused } from "@sallyport/domain";
import type { Account, RegisteredAccounts } from "../src/account.ts";
import type { HashParameters } from "../src/credential.ts";
import { canonicalName } from "../src/name-rules.ts";

const noOrders = { role: "player", bannedUntilMs: null, banReason: null } as const;

/** Accounts in memory. An e-mail address is pending until `confirm` is called, if it was created so. */
export class KeptAccounts implements RegisteredAccounts {
  readonly #kept = new Map<AccountId, Account>();
  readonly #passwordFences = new Map<AccountId, Fence>();
  readonly invitations: Uint8Array[] = [];
  readonly #emailKeys = new Map<string, AccountId>();

  create: RegisteredAccounts["create"] = async ({ email = null, isEmailPending, ...of }) => {
    if (of.name !== null && this.#named(of.name)) return refused("name-taken");
    if (email !== null && this.#emailKeys.has(email.key)) return refused("email-taken");
    const accountId = idOf(this.#kept.size + 1);
    const account = { ...of, accountId, email: email?.address ?? null, isEmailConfirmed: false };
    this.#kept.set(accountId, { ...account, ...noOrders, fence: Fence(0) });
    if (email !== null && isEmailPending !== true) this.#emailKeys.set(email.key, accountId);
    return accepted({ accountId });
  };

  isInvitation: RegisteredAccounts["isInvitation"] = async (hash) =>
    this.invitations.some((each) => Buffer.from(each).equals(hash));

  findByName: RegisteredAccounts["findByName"] = async (name) => this.#named(name) ?? null;

  findByEmail: RegisteredAccounts["findByEmail"] = async (key) => {
    const accountId = this.#emailKeys.get(key);
    return (accountId !== undefined && this.#kept.get(accountId)) || null;
  };

  replaceCredential: RegisteredAccounts["replaceCredential"] = async ({
    accountId,
    replaced,
    credential,
  }) => {
    const account = this.#kept.get(accountId);
    if (account?.credential.storedKey !== replaced.storedKey) return refused("credential-changed");
    this.#kept.set(accountId, { ...account, credential });
    return accepted({});
  };

  changePassword: RegisteredAccounts["changePassword"] = async ({ endsLogins, ...change }) => {
    const changed = await this.replaceCredential(change);
    const account = this.#kept.get(change.accountId);
    if (!changed.ok || account === undefined) return refused("credential-changed");
    const fence = Fence(account.fence + (endsLogins ? 1 : 0));
    this.#kept.set(change.accountId, { ...account, fence });
    this.#passwordFences.set(change.accountId, fence);
    return accepted({ fence });
  };

  passwordFence: RegisteredAccounts["passwordFence"] = async ({ accountId, credential }) => {
    const isSet = this.#kept.get(accountId)?.credential.storedKey === credential.storedKey;
    return isSet ? { fence: this.#passwordFences.get(accountId) ?? Fence(0) } : null;
  };

  logIn(name: string): void {
    const account = this.#named(name);
    if (account !== undefined)
      this.#kept.set(account.accountId, { ...account, fence: Fence(account.fence + 1) });
  }

  /** The addresses that somebody logged in from, for each account. */
  readonly places = new Map<AccountId, string>();

  hasLoggedInFrom: RegisteredAccounts["hasLoggedInFrom"] = async ({ accountId, address }) =>
    this.places.get(accountId) === address;

  parametersInUse: RegisteredAccounts["parametersInUse"] = async () => {
    const count = (parameters: HashParameters) => ({ parameters, count: 1 });
    return Array.from(this.#kept.values(), ({ credential }) => count(credential));
  };

  ban(name: string, untilMs: number): void {
    const account = this.#named(name);
    if (account !== undefined) this.#kept.set(account.accountId, { ...account, bannedUntilMs: untilMs });
  }

  #named(name: string): Account | undefined {
    return [...this.#kept.values()].find(
      (account) => account.name !== null && canonicalName(account.name) === canonicalName(name),
    );
  }
}
