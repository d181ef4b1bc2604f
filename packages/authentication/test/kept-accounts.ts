import { AccountId, accepted, Fence, refused } from "@sallyport/domain";
import type { Account, RegisteredAccounts } from "../src/account.ts";
import type { HashParameters } from "../src/credential.ts";
import { canonicalName } from "../src/name-rules.ts";

export class KeptAccounts implements RegisteredAccounts {
  readonly #kept = new Map<string, Account>();

  create: RegisteredAccounts["create"] = async (of) => {
    if (this.#kept.has(canonicalName(of.name))) return refused("name-taken");
    const accountId = AccountId(this.#kept.size + 1);
    this.#kept.set(canonicalName(of.name), { ...of, accountId, bannedUntilMs: null, fence: Fence(0) });
    return accepted({ accountId });
  };

  findByName: RegisteredAccounts["findByName"] = async (name) => this.#kept.get(canonicalName(name)) ?? null;

  replaceCredential: RegisteredAccounts["replaceCredential"] = async ({
    accountId,
    replaced,
    credential,
  }) => {
    const account = [...this.#kept.values()].find((each) => each.accountId === accountId);
    if (account?.credential !== replaced) return refused("credential-changed");
    this.#kept.set(canonicalName(account.name), { ...account, credential });
    return accepted({});
  };

  parametersInUse: RegisteredAccounts["parametersInUse"] = async () => {
    const count = (parameters: HashParameters) => ({ parameters, count: 1 });
    return Array.from(this.#kept.values(), ({ credential }) => count(credential));
  };

  ban(name: string, untilMs: number): void {
    const account = this.#kept.get(canonicalName(name));
    if (account !== undefined) this.#kept.set(canonicalName(name), { ...account, bannedUntilMs: untilMs });
  }
}
