import { getEventListeners } from "node:events";
import type { AccountStore } from "@sallyport/database";
import { Unavailable } from "@sallyport/domain";
import { settled } from "@sallyport/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { type Answer, OneAccount, wordOf } from "./one-account.ts";

let nowMs: number;
let scene: OneAccount;
beforeEach(async () => {
  nowMs = 1_000;
  scene = await OneAccount.create(() => nowMs);
});

const told = (answer: Answer): number | null | string =>
  answer.ok ? answer.value.lastLoginMs : answer.refusal;

describe("the time of the last login", () => {
  test("is that of the last login that was admitted", async () => {
    const server = scene.loginServer();
    expect(told(await scene.logIn(server))).toBe(null);
    nowMs = 2_000;
    expect(told(await scene.logIn(server))).toBe(1_000);
    nowMs = 3_000;
    expect(told(await scene.logIn(scene.loginServer()))).toBe(2_000);
  });

  test("is not changed by a login that was overtaken, refused, or abandoned by its client", async () => {
    const server = scene.loginServer();
    await scene.hold(server);
    nowMs = 2_000;
    expect(wordOf(await scene.logIn(server, undefined, "reject"))).toBe("already-online");
    const overtaken = scene.logIn(scene.loginServer());
    await settled();
    const hungUp = new AbortController();
    const left = scene.logIn(server, hungUp.signal);
    await settled();
    hungUp.abort();
    expect(wordOf(await left)).toBe("unavailable");
    await scene.release(server);
    await scene.clock.advance(60_000);
    expect(wordOf(await overtaken)).toBe("overtaken");
    expect(told(await scene.logIn(server))).toBe(1_000);
  });

  test("is not changed by a login whose client disconnected as it was admitted", async () => {
    const server = scene.loginServer();
    await scene.logIn(server);
    nowMs = 2_000;
    const hungUp = new AbortController();
    const store = {
      ...scene.accounts,
      raiseFence: async (...of: Parameters<typeof scene.accounts.raiseFence>) => {
        const raised = await scene.accounts.raiseFence(...of);
        hungUp.abort();
        return raised;
      },
    };
    expect(wordOf(await scene.logIn(scene.loginServer(store), hungUp.signal))).toBe("unavailable");
    expect(told(await scene.logIn(server))).toBe(1_000);
  });
});

/**
 * Returns a login-server that records logins only when the test says so. `records` has one entry for each
 * login.
 */
function recordsSlowly() {
  const records: { store(): Promise<void>; fail(): void }[] = [];
  const { accounts } = scene;
  const store: AccountStore = {
    ...accounts,
    noteLogin: (of) =>
      new Promise((resolve, reject) => {
        records.push({
          store: async () => resolve(await accounts.noteLogin(of)),
          fail: () => reject(new Unavailable("not answered")),
        });
      }),
  };
  return { server: scene.loginServer(store), records };
}

describe("while the record of a login is under way,", () => {
  test("its client is admitted, and the next login to that account is told of it", async () => {
    const { server, records } = recordsSlowly();
    expect(told(await scene.logIn(server))).toBe(null);
    const next = scene.logIn(server);
    await settled();
    await records[0]!.store();
    expect(told(await next)).toBe(1_000);
  });

  test("the login-server does not stop", async () => {
    const { server, records } = recordsSlowly();
    await scene.logIn(server);
    let hasStopped = false;
    const stopping = server.stop().then(() => {
      hasStopped = true;
    });
    await settled();
    expect(hasStopped).toBe(false);
    await records[0]!.store();
    await stopping;
  });
});

test("a login that could not be recorded is admitted, and so is the next one", async () => {
  const { server, records } = recordsSlowly();
  const first = await scene.logIn(server);
  records[0]!.fail();
  expect([told(first), told(await scene.logIn(server))]).toEqual([null, null]);
});

test("a login leaves nothing behind on its connection, admitted or not", async () => {
  const { signal } = new AbortController();
  const server = scene.loginServer();
  for (let round = 0; round < 10; round += 1) {
    await scene.logIn(server, signal);
    await scene.logIn(server, signal, "reject");
    await scene.hold(server);
    await scene.logIn(server, signal, "reject");
    const waiting = scene.logIn(server, signal);
    await settled();
    expect(getEventListeners(signal, "abort")).toHaveLength(1);
    await scene.release(server);
    await waiting;
  }
  expect(getEventListeners(signal, "abort")).toEqual([]);
});
