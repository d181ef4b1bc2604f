import { type Database, openDatabase } from "@sallyport/database";
import type { IdentityClaims } from "@sallyport/identity-token";
import { type TestDatabase, testDatabase, testHost } from "@sallyport/testkit";
import { expect } from "vitest";
import type { Identities } from "../src/index.ts";
import { createResourceStore, migrateResources, resourceRequests } from "../src/index.ts";
import { replyOf } from "../src/refusals.ts";
import { ResourceService } from "../src/resource-service.ts";
import type { ResourceStore, StoreBounds } from "../src/store/resource-store.ts";

type Claims = Pick<IdentityClaims, "sub" | "name"> & Partial<IdentityClaims>;

const startedS = 1_700_000_000;

/** A token that a test may write. What a real one proves is tested where tokens are. */
export const tokenOf = (claims: Claims): string =>
  JSON.stringify({
    ...{ iss: "sallyport", role: "player", aud: "resource", jti: "1" },
    ...{ iat: startedS, exp: startedS + 3_600, ...claims },
  });

class TestIdentities implements Identities {
  isListFresh = true;

  async verify(token: string): ReturnType<Identities["verify"]> {
    // Over HTTP a token has no braces, so there it is in base64.
    const json = token.startsWith("{") ? token : Buffer.from(token, "base64url").toString();
    if (token === "of another key") return { type: "refused", why: "unknown-key" };
    if (!json.startsWith("{")) return { type: "refused", why: "malformed" };
    return { type: "identity", claims: JSON.parse(json) as IdentityClaims };
  }

  isFresh(): boolean {
    return this.isListFresh;
  }
}

/** Somebody with a token. */
export interface Person {
  readonly identity: string;
  readonly token: string;
}

const usualBounds: StoreBounds = { unverifiedMax: 5, proofBytesMax: 10_000 };

/** The service on a database of its own. */
export class Asking {
  readonly identities = new TestIdentities();
  readonly service: ResourceService;
  readonly store: ResourceStore;
  readonly database: Database;
  readonly url: string;
  readonly #test: TestDatabase;
  /** The names of requests that were carried out. */
  readonly succeeded = new Set<string>();
  #accounts = 0;

  private constructor(test: TestDatabase, database: Database, bounds: StoreBounds) {
    this.#test = test;
    this.url = test.url;
    this.database = database;
    this.store = createResourceStore(database, bounds);
    this.service = new ResourceService({
      ...{ host: testHost(), identities: this.identities, audience: "resource", store: this.store },
    });
  }

  static async open(bounds = usualBounds): Promise<Asking> {
    const test = await testDatabase({ migrate: migrateResources, template: "resources" });
    return new Asking(test, await openDatabase({ url: test.url }), bounds);
  }

  async close(): Promise<void> {
    await this.database.close();
    await this.#test.drop();
  }

  person(name: string, role: IdentityClaims["role"] = "player"): Person {
    return { identity: name, token: tokenOf({ sub: String(++this.#accounts), name, role }) };
  }

  /** The answer as a client gets it. Data of success has the form that the table says. */
  async ask(person: Person, name: string, fields: object = {}): Promise<unknown> {
    const row = resourceRequests.find((each) => each.name === name);
    if (row === undefined) throw new Error(`there is no request ${name}`);
    const answer = await this.service.answer(row, { ...person, fields: { ...fields } });
    const reply = replyOf(answer);
    if (!reply.success) return reply.data;
    expect(row.data.safeParse(reply.data).error?.issues, name).toBeUndefined();
    this.succeeded.add(name);
    return reply.data;
  }

  async idOf(person: Person): Promise<number> {
    const [id] = (await this.ask(person, "GetIdFromIdentity")) as [number];
    return id;
  }
}

export const denied = "Access Denied";
