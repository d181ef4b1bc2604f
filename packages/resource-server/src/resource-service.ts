import { accepted, type Outcome, refused, refusedWith } from "@sallyport/domain";
import type { IdentityClaims } from "@sallyport/identity-token";
import type { Host } from "@sallyport/server-kit";
import { type Identities, identityOf, isSameIdentity } from "./identities.ts";
import type { Asker } from "./permissions.ts";
import type { RefusalCode } from "./refusals.ts";
import { readFields } from "./requests/fields.ts";
import type { AnyRequest } from "./requests/request.ts";
import type { ResourceStore } from "./store/resource-store.ts";
import { findSubject } from "./subjects.ts";

/** A request as it came, whatever the transport. Nothing in it is checked. */
export interface Asked {
  readonly token: unknown;
  /** Over TCP, clients also say who they are. Absent: only the token says it. */
  readonly identity?: unknown;
  readonly fields: { readonly [field: string]: unknown };
}

export type Answered = Outcome<{ readonly data: unknown }, RefusalCode>;

export interface ResourceServiceDeps {
  readonly host: Pick<Host, "log">;
  readonly identities: Identities;
  /** The audience that tokens must have. */
  readonly audience: string;
  readonly store: ResourceStore;
}

/**
 * Answers requests: token, user, fields, subject, permission, and then what the row does. The first of these that
 * is not right is the answer. Throws `Unavailable` if the database does not answer.
 */
export class ResourceService {
  readonly #deps: ResourceServiceDeps;

  constructor(deps: ResourceServiceDeps) {
    this.#deps = deps;
  }

  async answer(row: AnyRequest, asked: Asked): Promise<Answered> {
    const claimed = await this.identify(asked);
    return claimed.ok ? this.#answerFor(claimed.value, row, asked.fields) : claimed;
  }

  /** Checks the token, and that the identity is the one in it. */
  async identify({ token, identity }: Omit<Asked, "fields">): Promise<Outcome<IdentityClaims, RefusalCode>> {
    if (typeof token !== "string") return refusedWith("token", "token: missing, or not a text");
    const { identities, audience } = this.#deps;
    const answer = await identities.verify(token, audience);
    if (answer.type === "refused") {
      // Without the newest keys, a good token looks like one of nobody.
      const isUnsure = answer.why === "unknown-key" && !identities.isFresh();
      return isUnsure ? noKeys() : refusedWith("token", `token: ${tokenWords[answer.why]}`);
    }
    const { claims } = answer;
    if (identity === undefined) return accepted(claims);
    return typeof identity === "string" && isSameIdentity(identity, identityOf(claims))
      ? accepted(claims)
      : refusedWith("token", "identity: not the one in the token");
  }

  /** Answers the holder of a token that was checked. */
  async #answerFor(claims: IdentityClaims, row: AnyRequest, given: Asked["fields"]): Promise<Answered> {
    const { identities, store } = this.#deps;
    const mayWrite = identities.isFresh();
    if (row.changes && !mayWrite) return refused("list-old");
    const known = await this.#askerOf(claims, mayWrite);
    if (!known.ok) return known;
    const asker = known.value;
    const read = readFields(row.fields, given);
    if (!read.ok) return refusedWith("invalid", read.problem);
    const { values } = read;
    const found = await findSubject[row.about](store.facts, asker, values);
    if (!found.ok) return found;
    // The subject and the values are those of this row, which the compiler cannot see.
    const call = { asker, subject: found.value, values } as never;
    if (!row.may(call)) return refused("access-denied");
    const carried = await row.carryOut(store, call);
    return carried.ok ? accepted({ data: carried.value }) : carried;
  }

  /** A first token makes a user, which is a change like others. */
  async #askerOf(claims: IdentityClaims, mayWrite: boolean): Promise<Outcome<Asker, RefusalCode>> {
    const { users } = this.#deps.store;
    const named = {
      accountId: Number(claims.sub),
      identity: identityOf(claims),
      isAdministrator: claims.role === "administrator",
      issued: claims.iat,
    };
    const { identity, isAdministrator } = named;
    const known = await users.known(named);
    if (known !== null) return accepted({ userId: known, identity, isAdministrator });
    if (!mayWrite) return refused("list-old");
    const userId = await users.register(named);
    this.#deps.host.log.info({ accountId: named.accountId }, "the user of an account is stored");
    return accepted({ userId, identity, isAdministrator });
  }
}

const noKeys = () =>
  refusedWith("unavailable", "the keys of tokens could not be fetched lately; try again later");

const tokenWords = {
  malformed: "not a token of this cluster",
  "unknown-key": "signed with an unknown key",
  expired: "expired",
  audience: "for another audience",
  revoked: "revoked",
} as const;
