import { unlimited } from "@sallyport/authentication";
import { createMemoryTrail } from "@sallyport/database";
import { nativeLoginDoor, plainIntroduction } from "@sallyport/dialects/native";
import { AccountId, accepted, type LoginDoor, refused } from "@sallyport/domain";
import { BanList, type Client, silentLog } from "@sallyport/server-kit";
import { testHost } from "@sallyport/testkit";
import { describe, expect, test } from "vitest";
import { type ClientVisitDeps, visitLoginServer } from "../src/client-visit.ts";

const accountId = AccountId(7);
const typed = { name: "alice", password: "typed horse", oldPassword: "typed horse" };
const shown = { proof: new Uint8Array(32), clientNonce: new Uint8Array(16) };

/** A client whose every attempt the authentication refuses with this word. It means the account 7. */
function refusedClient(refusal: string) {
  const trail = createMemoryTrail();
  const client: Client<LoginDoor> = {
    ...{ remote: "192.0.2.7:5000", address: "192.0.2.7", dialect: nativeLoginDoor },
    ...{ introduction: plainIntroduction, isConnected: true, log: silentLog(), unreadBytes: 0 },
    ...{ follow() {}, send() {}, show() {}, flush() {}, disconnect() {} },
  };
  const host = testHost({ wallMs: () => 1_000_000 });
  type Asker = { readonly meant: (accountId: AccountId) => void };
  // The asker is the last argument of each.
  const refuses = async (...of: readonly unknown[]) => {
    (of.at(-1) as Asker).meant(accountId);
    return refused(refusal);
  };
  const deps = {
    authentication: {
      ...{ byPassword: refuses, changePassword: refuses, byProof: refuses },
      challenge: async (name: string) =>
        refusal === "too-many-attempts" ? refused(refusal) : accepted({ offer: {}, challenge: { name } }),
    },
    tokens: { audienceOf: () => "resource" },
    ...{ bans: new BanList(host.wallMs), clientVersions: [], limitsFor: () => unlimited },
    ...{ secondLogin: "takeover", trail },
  } as unknown as ClientVisitDeps;
  const { handlers } = visitLoginServer(host, client, deps);
  const asks = (type: keyof typeof handlers) =>
    (handlers[type] as (command: object) => Promise<unknown>)({ type, ...typed, ...shown, audience: null });
  return { trail, asks };
}

const row = { what: "login-refused", origin: { address: "192.0.2.7", dialect: "native" } };

describe("in the trail", () => {
  test.each([
    ...["login.password", "login.password.telling", "login.password.change", "login.token.password"],
    "login.prove",
  ] as const)("a wrong password of %s is a refused login of the account that was meant", async (type) => {
    const { trail, asks } = refusedClient("wrong-name-or-password");
    await asks("login.salt");
    expect(trail.entries).toEqual([]);
    expect(await asks(type)).toMatchObject({ refusal: "wrong-name-or-password" });
    expect(trail.entries).toMatchObject([{ ...row, accountId, why: "wrong-name-or-password" }]);
    expect(JSON.stringify(trail.entries)).not.toMatch(/horse|alice/);
  });

  test.each(["login.password", "login.token.password", "login.salt"] as const)(
    "an attempt by %s that a limit held back is a refused login",
    async (type) => {
      const { trail, asks } = refusedClient("too-many-attempts");
      expect(await asks(type)).toMatchObject({ refusal: "too-many-attempts" });
      expect(trail.entries).toMatchObject([{ ...row, why: "too-many-attempts" }]);
    },
  );
});
