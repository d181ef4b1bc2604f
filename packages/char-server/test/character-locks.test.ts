import { systemClock } from "@sallyport/clock";
import { kickFor, LoginId } from "@sallyport/domain";
import { defaultLockTiming } from "@sallyport/lock-core";
import type { LockStore } from "@sallyport/lock-store";
import { beforeEach, describe, expect, test } from "vitest";
import { CharacterLocks } from "../src/character-locks.ts";
import { Scene, self } from "./hand-over-scene.ts";

let scene: Scene;
/** This id belongs to an older login. A newer login has the character now. */
let olderId: LoginId;
beforeEach(async () => {
  scene = await Scene.open();
  olderId = scene.ticket.loginId1;
  await scene.evict();
  await scene.logIn();
  scene.effects.length = 0;
});

const evict = (loginId1: LoginId) =>
  scene.locks.evict(scene.ticket.accountId, loginId1, kickFor("logged-in-elsewhere"));

describe.each(["choosing", "entering"])("a kick of an account whose character lock is %s", (state) => {
  beforeEach(async () => {
    if (state === "entering") expect(await scene.choose()).toMatchObject({ ok: true });
    expect(await scene.lock()).toMatchObject({ state, loginId1: scene.ticket.loginId1 });
  });

  test("does nothing to a login newer than the one that the kick names", async () => {
    const before = await scene.lock();
    expect(await evict(olderId)).toBe(false);
    expect(await scene.lock()).toEqual(before);
    expect(scene.effects).toEqual([]);
  });

  test("makes the login that the kick names release the lock", async () => {
    expect(await evict(scene.ticket.loginId1)).toBe(true);
    expect((await scene.lock()).state).toBe(state === "choosing" ? "free" : "evicting");
    expect(scene.effects).not.toEqual([]);
  });
});

describe("a free character lock, after the store lost its locks,", () => {
  /** Map-servers may still restore their characters for this many milliseconds. */
  let graceMs: number;
  const open = async () => {
    const { store, ticket, accountFence } = scene;
    const losing: LockStore = {
      losses: { count: 1, graceLeftMs: () => graceMs },
      generationOf: () => store.generationOf(),
      load: (key) => store.load(key),
      compareAndSet: (change) => store.compareAndSet(change),
      due: (limit) => store.due(limit),
      ownedBy: (...page) => store.ownedBy(...page),
      close: () => store.close(),
    };
    const perform = async () => {};
    const timing = defaultLockTiming;
    const locks = new CharacterLocks({ clock: systemClock }, { store: losing, timing, perform });
    const { accountId, ...ids } = ticket;
    return locks.openAfter(accountId, { type: "open", owner: self, accountFence, ...ids }, () => true);
  };
  beforeEach(() => scene.evict());

  test("is granted to no client while its owner may restore it, and to the next client after that", async () => {
    graceMs = 1_000;
    expect(await open()).toMatchObject({ ok: false, refusal: "being-restored" });
    expect(await scene.lock()).toEqual({ state: "free" });
    graceMs = 0;
    expect(await open()).toMatchObject({ ok: true });
  });
});
