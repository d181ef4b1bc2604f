import type { AccountStore } from "@sallyport/database";
import type { Fact } from "./facts.ts";
import { passing } from "./passing.ts";

export const accountRow = ({ accountId }: { readonly accountId: number }): string => `account ${accountId}`;

/** Passes requests to the store, and reports what the checkers have to know of them. */
export function watchedAccounts(
  accounts: AccountStore,
  life: string,
  way: <T>(what: string, run: () => Promise<T>, rows?: readonly string[]) => Promise<T>,
  see: (fact: Fact) => void,
): AccountStore {
  return {
    ...passing(accounts, way),
    create: (of) =>
      way("create account", () => accounts.create(of), [
        `account ${of.name?.toLowerCase() ?? of.email?.key}`,
      ]),
    findByName: (name) =>
      way("find account", async () => {
        const found = await accounts.findByName(name);
        if (found !== null) see({ type: "account-found", name, accountId: found.accountId });
        return found;
      }),
    replaceCredential: (of) =>
      way("replace credential", () => accounts.replaceCredential(of), [accountRow(of)]),
    changePassword: (of) => {
      const run = async () => {
        const changed = await accounts.changePassword(of);
        const { accountId, credential, endsLogins } = of;
        if (changed.ok) see({ type: "password-stored", accountId, credential });
        if (changed.ok && endsLogins) see({ type: "account-raised", accountId, ...changed.value });
        return changed;
      };
      return way("change password", run, [accountRow(of)]);
    },
    setBan: (of) => way("set ban", () => accounts.setBan(of), [accountRow(of)]),
    setRole: (of) => way("set role", () => accounts.setRole(of), [accountRow(of)]),
    setMute: (of) => way("set mute", () => accounts.setMute(of), [accountRow(of)]),
    noteLogin: (of) => {
      see({ type: "account-asked", life, accountId: of.accountId, what: "noted" });
      return way("note login", () => accounts.noteLogin(of), [accountRow(of)]);
    },
    raiseFence: (accountId, ...how) => {
      see({ type: "account-asked", life, accountId, what: "raised" });
      const run = async () => {
        const raised = await accounts.raiseFence(accountId, ...how);
        if (raised.ok) see({ type: "account-raised", accountId, fence: raised.value.fence });
        return raised;
      };
      return way("raise fence", run, [accountRow({ accountId })]);
    },
  };
}
