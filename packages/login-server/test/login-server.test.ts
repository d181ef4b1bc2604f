import { createPasswordHasher, defaultAuthenticationSettings, unlimited } from "@sallyport/authentication";
import { charToLogin, loginToChar } from "@sallyport/cluster-protocol";
import { createMemoryStores } from "@sallyport/database";
import { type ByteChannel, type Handlers, memoryChannelPair } from "@sallyport/link";
import { accountLockKey, defaultLockTiming, serverLockKey } from "@sallyport/lock-core";
import { MemoryLockState, MemoryLockStore } from "@sallyport/lock-store";
import { defaultClientBounds, defaultLinkBounds, ServerLink } from "@sallyport/server-kit";
import { ManualClock, testHost } from "@sallyport/testkit";
import { beforeEach, expect, test } from "vitest";
import { createLoginServer, type LoginServer } from "../src/index.ts";

/* These tests run a whole login-server with a linked char-server that holds an account. */

const credentials = { server: "alpha", username: "alpha", password: "right" };
const account = accountLockKey(7);

let clock: ManualClock;
let state: MemoryLockState;
let server: LoginServer;
let near: ByteChannel;
let isUnreachable: boolean;

beforeEach(async () => {
  clock = new ManualClock();
  state = new MemoryLockState();
  isUnreachable = false;
  const store = new MemoryLockStore({ nowMs: () => clock.nowMs(), state });
  const host = testHost({ clock });
  const { accounts, networkBans } = createMemoryStores();
  server = createLoginServer(host, {
    ...{ accounts, networkBans },
    hasher: createPasswordHasher(),
    store,
    timing: defaultLockTiming,
    clusterSecret: new Uint8Array(32),
    charServers: new Map([["alpha", "right"]]),
    mailTokens: createMemoryStores().mailTokens,
    secondLogin: "by-dialect",
    authentication: defaultAuthenticationSettings,
    limitsFor: () => unlimited,
    clientBounds: defaultClientBounds,
    linkBounds: defaultLinkBounds,
  });
  const charServer = new ServerLink<typeof charToLogin, typeof loginToChar>(host, {
    to: "login-server",
    nameVariable: "CHAR_USERNAME",
    connect: async () => {
      if (isUnreachable) throw new Error("connection refused");
      const pair = memoryChannelPair(["alpha", "login"]);
      server.acceptCharServer(pair[1]);
      near = pair[0];
      return near;
    },
    sends: charToLogin,
    receives: loginToChar,
    handlers: {} as Handlers<typeof loginToChar>,
    credentials,
    admitted: async () => true,
    lost: () => {},
  });
  void charServer.start();
  await clock.advance(100);
  const { incarnation } = serverLock() ?? {};
  const held = { state: "held", loginId1: 11, loginId2: 12, sex: "female", trace: "trace", fence: 1 };
  const value = JSON.stringify({ ...held, owner: { server: "alpha", incarnation } });
  const owner = incarnation ?? null;
  await store.compareAndSet({ key: account, expectedVersion: 0, value, deadline: "none", owner });
});

function serverLock(): { readonly state: string; readonly incarnation: string } | null {
  const stored = state.locks.get(serverLockKey("alpha"));
  return stored === undefined ? null : JSON.parse(stored.value);
}

test("the accounts of a char-server that does not come back are free when its reconnect timer is over", async () => {
  isUnreachable = true;
  near.destroy();
  await clock.advance(defaultLockTiming.reconnectMs - 1_000);
  expect([serverLock()?.state, state.locks.has(account)]).toEqual(["away", true]);
  await clock.advance(2_000);
  expect([...state.locks.keys()]).toEqual([]);
});

test("the char-servers of a login-server that stops keep their accounts for when they link again", async () => {
  isUnreachable = true;
  const stopped = server.stop();
  await clock.advance(0);
  await stopped;
  expect([serverLock()?.state, state.locks.has(account)]).toEqual(["away", true]);
});
