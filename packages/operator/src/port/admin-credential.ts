import { createHash, timingSafeEqual } from "node:crypto";
import type { Account, AttemptLimits, Authentication, PasswordHasher } from "@sallyport/authentication";
import type { Trail } from "@sallyport/database";
import {
  type AccountId,
  accepted,
  type Outcome,
  type Refused,
  refused,
  refusedWith,
} from "@sallyport/domain";
import type { Caller } from "../requests/request.ts";

/*
 * Finds out who sends a request to the admin port: the holder of the token, or an account with its password.
 *
 *     authorization: Bearer <token>
 *     authorization: Basic base64(name ":" password)
 */

export interface Credentials {
  /** Null: this process has no token. */
  readonly token: string | null;
  readonly authentication: Pick<Authentication, "byPassword" | "register">;
  readonly hasher: Pick<PasswordHasher, "createCredential">;
  readonly limits: AttemptLimits;
}

/** Name of the caller that has shown the token. No account can have this name, because of its brackets. */
const tokenCaller = "(token)";

const noCredential = "this request needs a credential: the token of this server, or an account with a role";
const unreadable =
  "the header authorization is neither Bearer with a token nor Basic with the base64 of name:password";

/** Each credential that is turned down leaves a row in the trail. A request without one leaves none. */
export async function callerOf(
  authorization: string | undefined,
  address: string,
  { token, authentication, limits }: Credentials,
  trail: Pick<Trail, "noteRefusal">,
): Promise<Outcome<Caller, "not-logged-in" | "not-allowed" | "busy">> {
  let meant: AccountId | null = null;
  const turnDown = (why: string): void =>
    trail.noteRefusal({ what: "operator-refused", accountId: meant ?? undefined, why, origin: { address } });
  if (authorization === undefined) return refusedWith("not-logged-in", noCredential);
  const [, shown] = /^Bearer (\S{1,200})$/i.exec(authorization) ?? [];
  if (shown !== undefined) {
    if (token !== null && isSame(shown, token))
      return accepted({ name: tokenCaller, role: "administrator", address });
    turnDown("wrong-token");
    return refusedWith("not-logged-in", "this is not the token of this server");
  }
  const given = nameAndPassword(authorization);
  if (given === null) return refusedWith("not-logged-in", unreadable);
  const found = await authentication.byPassword(given, {
    ...{ address, limits },
    gone: new AbortController().signal,
    meant: (accountId) => {
      meant = accountId;
    },
  });
  if (!found.ok) {
    turnDown(found.refusal);
    return refusedAs(found);
  }
  const caller = callerWith(found.value, address);
  if (!caller.ok) turnDown(caller.refusal);
  return caller;
}

const callerWith = ({ accountId, name, role }: Account, address: string) =>
  role === "player"
    ? refusedWith("not-allowed", "this account has no role that may ask")
    : accepted({ name: name ?? `#${accountId}`, role, address });

/** The answer does not tell whether the account exists, or is banned. */
const refusedAs = ({ refusal, retryAfterMs }: Refused<string>) =>
  refusal === "wrong-name-or-password" || refusal === "banned"
    ? refusedWith("not-logged-in", "wrong name or password, or the account is banned")
    : refused("busy", retryAfterMs);

/** Returns null if the header has no name and password. */
function nameAndPassword(authorization: string): { name: string; password: string } | null {
  const [, encoded] = /^Basic ([\w+/=-]{1,1000})$/i.exec(authorization) ?? [];
  if (encoded === undefined) return null;
  const [, name, password] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, "base64").toString()) ?? [];
  return name === undefined || password === undefined ? null : { name, password };
}

/** Takes the same time wherever the texts differ, and whatever their lengths. */
function isSame(shown: string, meant: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(shown), digest(meant));
}
