import { unlimited } from "@sallyport/authentication";
import { noTrail } from "@sallyport/database";
import { nativeLoginDoor, plainIntroduction } from "@sallyport/dialects/native";
import { accepted, type LoginDoor, refused } from "@sallyport/domain";
import { type Client, silentLog } from "@sallyport/server-kit";
import { testHost } from "@sallyport/testkit";
import { describe, expect, test } from "vitest";
import { type ClientVisitDeps, visitLoginServer } from "../src/client-visit.ts";

type Wish = "takeover" | "reject" | null;

/**
 * Logs in with a right password. Returns the policy that follows from the operator's setting and the client's
 * wish.
 */
async function policyOf(operator: ClientVisitDeps["secondLogin"], wish: Wish): Promise<string> {
  const policies: string[] = [];
  const client: Client<LoginDoor> = {
    remote: "client:1",
    address: "client",
    dialect: nativeLoginDoor,
    introduction: { ...plainIntroduction, secondLogin: wish },
    isConnected: true,
    log: silentLog(),
    follow() {},
    send() {},
    show() {},
    flush() {},
    unreadBytes: 0,
    disconnect() {},
  };
  const deps = {
    authentication: { byPassword: async () => accepted({ accountId: 1 }) },
    locks: {
      grant: async (_account: unknown, _gone: unknown, policy: string) => {
        policies.push(policy);
        return refused("already-online");
      },
    },
    worlds: { list: () => [{ name: "Alpha" }] },
    clientVersions: [],
    limitsFor: () => unlimited,
    bans: { ofAddress: () => null, ofDevice: () => null },
    secondLogin: operator,
    trail: noTrail,
  } as unknown as ClientVisitDeps;
  const { handlers } = visitLoginServer(testHost(), client, deps);
  await handlers["login.password"]({ type: "login.password", name: "alice", password: "correct horse" });
  return policies.join();
}

describe("a client's wish for a second login", () => {
  test.each([
    ["takeover", "takeover"],
    ["reject", "reject"],
    [null, "takeover"],
  ] as const)("counts if the operator leaves the choice to clients: %s gives %s", async (wish, policy) => {
    expect(await policyOf("by-dialect", wish)).toBe(policy);
  });

  test.each(["takeover", "reject"] as const)("changes nothing if the operator set %s", async (operator) => {
    for (const wish of ["takeover", "reject", null] as const)
      expect(await policyOf(operator, wish)).toBe(operator);
  });
});
