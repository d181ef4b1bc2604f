import { unlimited } from "@sallyport/authentication";
import { noTrail } from "@sallyport/database";
import { nativeLoginDoor, plainIntroduction } from "@sallyport/dialects/native";
import { accepted, type LoginDoor, type NetworkBan } from "@sallyport/domain";
import { BanList, type Client, silentLog } from "@sallyport/server-kit";
import { testHost } from "@sallyport/testkit";
import { expect, test } from "vitest";
import { type ClientVisitDeps, visitLoginServer } from "../src/client-visit.ts";

const nowMs = 1_000_000;
const banOf = (of: Partial<NetworkBan>): NetworkBan => ({
  ...{ id: 1, network: null, device: null, untilMs: nowMs + 60_000, text: "a flood", isLifted: false },
  ...of,
});

/** A client at 192.0.2.7 on the device mac-1. `asked` has the calls that reach the authentication. */
function clientUnder(ban: NetworkBan) {
  const asked: string[] = [];
  const client: Client<LoginDoor> = {
    ...{ remote: "192.0.2.7:5000", address: "192.0.2.7", dialect: nativeLoginDoor },
    introduction: { ...plainIntroduction, deviceId: "mac-1" },
    ...{ isConnected: true, log: silentLog(), unreadBytes: 0 },
    ...{ follow() {}, send() {}, show() {}, flush() {}, disconnect() {} },
  };
  const host = testHost({ wallMs: () => nowMs });
  const bans = new BanList(host.wallMs);
  bans.learn([ban]);
  const called = (name: string) => async () => {
    asked.push(name);
    return accepted({ accountId: 1 });
  };
  const deps = {
    authentication: {
      ...{ byPassword: called("byPassword"), challenge: called("challenge"), register: called("register") },
      changePassword: called("changePassword"),
    },
    codes: { confirm: called("confirm"), askReset: called("askReset"), reset: called("reset") },
    locks: { grant: called("grant") },
    worlds: { list: () => [{ name: "Alpha", near: [] }] },
    ...{ bans, clientVersions: [], limitsFor: () => unlimited, secondLogin: "takeover", trail: noTrail },
  } as unknown as ClientVisitDeps;
  return { asked, handlers: visitLoginServer(host, client, deps).handlers };
}

const names = [
  ...["login.register", "login.password", "login.salt", "login.prove", "login.email.confirm"],
  ...["login.password.change", "login.password.reset.ask", "login.password.reset"],
  ...["login.token", "login.token.password"],
] as const;

test.each(names)("%s of a banned address is refused before anything else is asked", async (type) => {
  const { asked, handlers } = clientUnder(banOf({ network: "192.0.2.0/24" }));
  const handle = handlers[type] as (command: object) => Promise<unknown>;
  const answer = { ok: false, refusal: "address-banned", retryAfterMs: 60_000, detail: "a flood" };
  expect(await handle({ type, name: "alice", password: "correct horse" })).toEqual(answer);
  expect(asked).toEqual([]);
});

test("a ban without end has no time after which to ask again", async () => {
  const { handlers } = clientUnder(banOf({ network: "192.0.2.7/32", untilMs: null, text: null }));
  const answer = await handlers["login.salt"]({ type: "login.salt", name: "alice" });
  expect(answer).toEqual({ ok: false, refusal: "address-banned" });
});

test("a banned device is told so after a right password, and creates no account", async () => {
  const { asked, handlers } = clientUnder(banOf({ device: "mac-1" }));
  const account = { name: "alice", password: "correct horse" };
  const banned = { refusal: "device-banned", retryAfterMs: 60_000, detail: "a flood" };
  expect(await handlers["login.password"]({ type: "login.password", ...account })).toMatchObject(banned);
  expect(asked).toEqual(["byPassword"]);
  const register = { type: "login.register", ...account, sex: "female" } as const;
  expect(await handlers["login.register"](register)).toMatchObject(banned);
  expect(asked).toEqual(["byPassword"]);
});
