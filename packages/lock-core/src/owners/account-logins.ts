import { type Decision, decideBy } from "../machine.ts";
import {
  type AccountOwner,
  type AccountOwnerEffect,
  type AccountOwnerEvent,
  type AccountOwnerRefusal,
  type AtCharServer,
  mayHold,
  owns,
} from "./account-owner.ts";
import { accountOwnerTable } from "./account-owner-table.ts";

/** The state of such a login is never `absent`. */
export interface LoginHere {
  readonly loginId1: number;
  readonly owner: AccountOwner;
}

export interface AccountDecision {
  readonly logins: readonly LoginHere[];
  readonly effects: readonly (AccountOwnerEffect & { readonly loginId1: number })[];
  /** Null: the state of the login accepted the event. */
  readonly refusal: AccountOwnerRefusal | null;
}

const absent: AccountOwner = { state: "absent" };

export const ownerIn = (logins: readonly LoginHere[], loginId1: number): AccountOwner =>
  logins.find((login) => login.loginId1 === loginId1)?.owner ?? absent;

const overtaken: AccountOwnerEvent = { type: "lost", reason: "logged-in-elsewhere" };

/** Events by which the login-server says that a login has the account lock. */
const confirming: readonly AccountOwnerEvent["type"][] = ["held", "reclaimed"];

/**
 * Applies an event of one login. Afterwards, at most one login of the account owns it. If the login-server
 * confirms a login, the other logins have lost the account. Without a confirmation, the login that had the
 * account keeps it, and the char-server reads the character lock of the other login again.
 */
export function decideAccount(
  logins: readonly LoginHere[],
  { loginId1, event }: { readonly loginId1: number; readonly event: AccountOwnerEvent },
  at: AtCharServer,
  table: typeof accountOwnerTable = accountOwnerTable,
): AccountDecision {
  const effects: AccountDecision["effects"][number][] = [];
  let next = logins;
  const decide = (of: number, event: AccountOwnerEvent): AccountOwnerRefusal | null => {
    const decision: Decision<AccountOwner, AccountOwnerEffect, AccountOwnerRefusal> = decideBy(
      table,
      ownerIn(next, of),
      event,
      at,
    );
    if (!decision.ok) return decision.refusal;
    const others = next.filter((login) => login.loginId1 !== of);
    next = decision.next.state === "absent" ? others : [...others, { loginId1: of, owner: decision.next }];
    effects.push(...decision.effects.map((effect) => ({ ...effect, loginId1: of })));
    return null;
  };
  const refusal = decide(loginId1, event);
  const others = next.filter((login) => login.loginId1 !== loginId1);
  const isConfirmed = confirming.includes(event.type) && mayHold(ownerIn(next, loginId1));
  if (refusal === null && isConfirmed) {
    for (const other of others) if (mayHold(other.owner)) decide(other.loginId1, overtaken);
  } else if (owns(ownerIn(next, loginId1)) && others.some(({ owner }) => owns(owner))) {
    decide(loginId1, { type: "doubted" });
  }
  return { logins: next, effects, refusal };
}
