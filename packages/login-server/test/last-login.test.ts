import { getEventListeners } from "node:events";
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
