import type { FoundAccount } from "@sallyport/database";
import { AccountId, accepted, type Outcome, refusedWith } from "@sallyport/domain";
import type { Services } from "./request.ts";

export interface NamedAccount extends Omit<FoundAccount, "accountId"> {
  readonly accountId: AccountId;
  /** Its name, or else its e-mail address. */
  readonly shown: string;
}

/**
 * Finds the one account with this name, e-mail address or `#ID`. The name of a character is refused with the
 * name of its account, because an order is about a whole account.
 */
export async function accountNamed(
  { lookup }: Pick<Services, "lookup">,
  name: string,
): Promise<Outcome<NamedAccount, "not-found">> {
  const all = await found(lookup, name);
  const meant = name.toLowerCase();
  const named = all.find((each) => {
    const names = [each.name, each.email, `#${each.accountId}`];
    return names.some((of) => of?.toLowerCase() === meant);
  });
  if (named !== undefined) return accepted(named);
  const [owner] = all;
  const hint = owner === undefined ? "" : `; a character of this name belongs to account ${owner.shown}`;
  return refusedWith("not-found", `no account is called ${name}${hint}`);
}

/** Finds the account with this name, or the only account with a character of this name. */
export async function accountOrOwner(
  services: Pick<Services, "lookup">,
  name: string,
): Promise<Outcome<NamedAccount, "not-found">> {
  const named = await accountNamed(services, name);
  if (named.ok) return named;
  const [owner, ...others] = await found(services.lookup, name);
  if (owner === undefined) return refusedWith("not-found", `no account or character is called ${name}`);
  return others.length === 0
    ? accepted(owner)
    : refusedWith("not-found", `several accounts have a character called ${name}: name the account`);
}

const found = async (lookup: Services["lookup"], name: string): Promise<readonly NamedAccount[]> =>
  (await lookup.find(name)).map((each) => ({
    ...each,
    accountId: AccountId(each.accountId),
    shown: each.name ?? each.email ?? "",
  }));
