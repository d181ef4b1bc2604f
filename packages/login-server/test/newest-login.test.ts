import type { AccountStore } from "@sallyport/database";
import type { LoginTicket } from "@sallyport/domain";
import { waits } from "@sallyport/server-kit";
import { settled } from "@sallyport/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AccountLocks } from "../src/account-locks.ts";
import { type Answer, OneAccount, ticketOf, wordOf } from "./one-account.ts";

const evictable: readonly string[] = ["evicting"];

describe.each([2, 3, 4])("of many logins that wait at %i login-servers,", (count) => {
  test("the last one to arrive is admitted, at any login-server, and each other client is told", async () => {
    for (let last = 0; last < count; last += 1) {
      for (let releasing = 0; releasing < count; releasing += 1) {
        const scene = await OneAccount.create();
        const servers = scene.loginServers(count);
        await scene.hold(servers[releasing]!);
        const answers: Promise<Answer>[] = [];
        for (let each = 0; each <= 40; each += 1) {
          answers.push(scene.logIn(servers[(last + each) % count]!));
          await settled();
        }
        answers.push(scene.logIn(servers[last]!));
        await settled();
        await scene.release(servers[releasing]!);
        await scene.clock.advance(60_000);
        const told = (await Promise.all(answers)).map(wordOf);
        expect(told).toEqual([...Array.from({ length: 41 }, () => "overtaken"), "let in"]);
      }
    }
  });

  test("arriving at any moment, the last one is in the world in the end", async () => {
    const come = fc.record({ at: fc.nat(count - 1), waitMs: fc.constantFrom(0, 0, 100, 300) });
    const letGo = fc.record({ letGo: fc.nat(count - 1) });
    const steps = fc.array(fc.oneof({ weight: 4, arbitrary: come }, { weight: 1, arbitrary: letGo }), {
      minLength: 2,
      maxLength: 30,
    });
    await fc.assert(
      fc.asyncProperty(steps, come, async (before, newest) => {
        const scene = await OneAccount.create();
        const servers = scene.loginServers(count);
        const releaseIfAsked = async (at: AccountLocks) => {
          if (evictable.includes(scene.lock().state)) await scene.release(at);
        };
        const comeIn = async (at: AccountLocks): Promise<LoginTicket | null> => {
          const answer = await scene.logIn(at);
          if (!answer.ok) return null;
          const { ticket } = answer.value;
          const held = await at.hold(ticket, { server: "alpha", incarnation: "alpha-1", earlier: [] });
          return held.ok ? ticket : null;
        };
        for (const step of before) {
          if ("letGo" in step) await releaseIfAsked(servers[step.letGo]!);
          else {
            void comeIn(servers[step.at]!);
            await scene.clock.advance(step.waitMs);
          }
        }
        const last = comeIn(servers[newest.at]!);
        for (let round = 0; round < 10; round += 1) {
          await scene.clock.advance(1_000);
          await releaseIfAsked(servers[round % count]!);
        }
        const ticket = await last;
        expect(ticket).not.toBeNull();
        expect(scene.lock()).toMatchObject({ state: "held", loginId1: ticket?.loginId1 });
      }),
      { numRuns: 60 },
    );
  });
});

test("a waiting login is told at once that a newer one came, and the owner is asked for one of them", async () => {
  const scene = await OneAccount.create();
  const locks = scene.loginServer();
  await scene.hold(locks);
  const answers: string[] = [];
  for (let nth = 1; nth <= 5; nth += 1) {
    void scene.logIn(locks).then((answer) => answers.push(wordOf(answer)));
    await settled();
  }
  expect(answers).toEqual(["overtaken", "overtaken", "overtaken", "overtaken"]);
  scene.told.length = 0;
  await scene.clock.advance(waits.kickMs);
  expect(scene.told.map(({ type }) => type)).toEqual(["kick"]);
});

test("a waiting login does not evict a newer login that another login-server admitted", async () => {
  const scene = await OneAccount.create();
  const [one, other] = [scene.loginServer(), scene.loginServer()];
  await scene.hold(one);
  const waiting = scene.logIn(one);
  await settled();
  const newer = scene.logIn(other);
  await settled();
  await scene.release(other);
  scene.told.length = 0;
  const ticket = ticketOf(await newer);
  await other.hold(ticket, { server: "beta", incarnation: "beta-1", earlier: [] });
  await scene.clock.advance(60_000);
  expect(wordOf(await waiting)).toBe("overtaken");
  expect(scene.told).toEqual([]);
  expect(scene.lock()).toMatchObject({ state: "held", loginId1: ticket.loginId1 });
});

test.each([
  ["at the same login-server", true],
  ["at another one", false],
])("a delayed login is overtaken by a login that arrives meanwhile %s", async (_where, isSame) => {
  const scene = await OneAccount.create();
  const heldUp: (() => void)[] = [];
  const slow: AccountStore = {
    ...scene.accounts,
    raiseFence: async (...of) => {
      const raised = await scene.accounts.raiseFence(...of);
      if (heldUp.length === 0) await new Promise<void>((resolve) => heldUp.push(resolve));
      return raised;
    },
  };
  const late = scene.loginServer(slow);
  const overtaken = scene.logIn(late);
  await settled();
  const ticket = ticketOf(await scene.logIn(isSame ? late : scene.loginServer()));
  heldUp[0]?.();
  expect(wordOf(await overtaken)).toBe("overtaken");
  expect(scene.lock()).toMatchObject({ state: "granted", loginId1: ticket.loginId1 });
});

test("a login asks the owner to leave before it raises the fence, so that the owner can still save", async () => {
  const scene = await OneAccount.create();
  const told: number[] = [];
  const accounts: AccountStore = {
    ...scene.accounts,
    raiseFence: (...of) => {
      told.push(scene.told.length);
      return scene.accounts.raiseFence(...of);
    },
  };
  const locks = scene.loginServer(accounts);
  await scene.hold(locks);
  const waiting = scene.logIn(locks);
  await settled();
  expect(told).toEqual([0, 1]);
  await scene.release(locks);
  await scene.clock.advance(60_000);
  expect(wordOf(await waiting)).toBe("let in");
});

test("a login that was delayed until its client disconnected takes nothing from the login that came meanwhile", async () => {
  const scene = await OneAccount.create();
  const heldUp: (() => void)[] = [];
  const slow: AccountStore = {
    ...scene.accounts,
    raiseFence: async (...of) => {
      if (heldUp.length === 0) await new Promise<void>((resolve) => heldUp.push(resolve));
      return scene.accounts.raiseFence(...of);
    },
  };
  const controller = new AbortController();
  const late = scene.logIn(scene.loginServer(slow), controller.signal);
  await settled();
  await scene.hold(scene.loginServer());
  const before = await scene.accounts.findByName("alice");
  controller.abort();
  heldUp[0]?.();
  expect(wordOf(await late)).toBe("unavailable");
  expect((await scene.accounts.findByName("alice"))?.fence).toBe(before?.fence);
});
