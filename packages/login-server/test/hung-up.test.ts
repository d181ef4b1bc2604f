import { unlimited } from "@sallyport/authentication";
import { noTrail } from "@sallyport/database";
import { nativeLoginDoor, plainIntroduction } from "@sallyport/dialects/native";
import { accepted, type LoginDoor } from "@sallyport/domain";
import type { LockStore } from "@sallyport/lock-store";
import { type Client, silentLog } from "@sallyport/server-kit";
import { testHost } from "@sallyport/testkit";
import { beforeEach, expect, test } from "vitest";
import type { AccountLocks, SecondLogin } from "../src/account-locks.ts";
import { type ClientVisitDeps, visitLoginServer } from "../src/client-visit.ts";
import { OneAccount, wordOf } from "./one-account.ts";

/*
 * If a client disconnects during its login, the login-server completes the requests that it has sent, and
 * sends no new requests.
 */

let scene: OneAccount;
/** Lists the requests that the login-server under test has sent to its stores. */
let asked: string[];
/** This function runs before each request to the stores. */
let before: () => void;
beforeEach(async () => {
  scene = await OneAccount.create();
  asked = [];
  before = () => {};
});

/** Returns a login-server that records its requests to its stores. */
function watched(): AccountLocks {
  const note = (what: string): void => {
    asked.push(what);
    before();
  };
  const { accounts } = scene;
  const noted = {
    ...accounts,
    raiseFence: (...of: Parameters<typeof accounts.raiseFence>) => {
      note("raise the fence");
      return accounts.raiseFence(...of);
    },
    noteLogin: (...of: Parameters<typeof accounts.noteLogin>) => {
      note("note the login");
      return accounts.noteLogin(...of);
    },
  };
  const around = (store: LockStore): LockStore => ({
    losses: store.losses,
    generationOf: (key) => store.generationOf(key),
    load: (key) => {
      note("read the lock");
      return store.load(key);
    },
    compareAndSet: (change) => {
      note("change the lock");
      return store.compareAndSet(change);
    },
    due: (limit) => store.due(limit),
    ownedBy: (...page) => store.ownedBy(...page),
    close: () => store.close(),
  });
  return scene.loginServer(noted, around);
}

/** The login-server may still change a lock that it has already read. */
const ends = ["change the lock"];

const held = async (): Promise<unknown> => scene.hold(scene.loginServer());
const grantedToAnother = async (): Promise<unknown> => scene.logIn(scene.loginServer());
const askedAlready = async (): Promise<unknown> => {
  await held();
  return scene.logIn(scene.loginServer(), undefined, "reject");
};

test.each<[string, SecondLogin, () => Promise<unknown>]>([
  ["finds the account free", "takeover", async () => {}],
  ["finds the account granted to another", "takeover", grantedToAnother],
  ["finds the account held", "takeover", held],
  ["finds the account held, and its owner asked to leave", "takeover", askedAlready],
  ["may only ask", "reject", held],
])(
  "a login that %s starts nothing after its client disconnected, at any step",
  async (_what, policy, prepare) => {
    for (let step = 1; ; step += 1) {
      scene = await OneAccount.create();
      await prepare();
      asked = [];
      const hungUp = new AbortController();
      before = () => asked.length === step && hungUp.abort();
      const answer = scene.logIn(watched(), hungUp.signal, policy);
      await scene.clock.advance(60_000);
      if (!hungUp.signal.aborted) break;
      const begun = asked.slice(step);
      expect({ step, begun: begun.filter((what) => !ends.includes(what)) }).toEqual({ step, begun: [] });
      expect(begun.length).toBeLessThan(2);
      expect(wordOf(await answer)).not.toBe("overtaken");
    }
    expect(asked.length).toBeGreaterThan(1);
  },
);

test("a login whose client disconnected before its turn sends no request to a store", async () => {
  expect(wordOf(await scene.logIn(watched(), AbortSignal.abort()))).toBe("unavailable");
  expect(asked).toEqual([]);
});

test("a client that disconnects while its password is checked is not admitted", async () => {
  let rightPassword = (): void => {};
  const authentication = {
    byPassword: () =>
      new Promise((resolve) => {
        rightPassword = () =>
          void scene.accounts.findByName("alice").then((found) => resolve(accepted(found)));
      }),
  };
  const client: Client<LoginDoor> = {
    remote: "client:1",
    address: "client",
    dialect: nativeLoginDoor,
    introduction: plainIntroduction,
    isConnected: true,
    log: silentLog(),
    follow() {},
    send() {},
    show() {},
    flush() {},
    unreadBytes: 0,
    disconnect() {},
  };
  const visit = visitLoginServer(testHost(), client, {
    authentication,
    locks: watched(),
    worlds: {
      list: () => [
        { name: "Alpha", host: "char", port: 2, players: 0, wsUrl: null, otherDoors: [], near: [] },
      ],
    },
    clientVersions: [],
    limitsFor: () => unlimited,
    bans: { ofAddress: () => null, ofDevice: () => null },
    secondLogin: "takeover",
    trail: noTrail,
  } as unknown as ClientVisitDeps);
  const answer = visit.handlers["login.password"]({
    type: "login.password",
    name: "alice",
    password: "correct horse",
  });
  visit.gone?.();
  rightPassword();
  expect(await answer).toMatchObject({ refusal: "unavailable" });
  expect(asked).toEqual([]);
});
