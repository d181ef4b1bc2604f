import { LoginId } from "@sallyport/domain";
import { beforeEach, describe, expect, test } from "vitest";
import { Scene } from "./hand-over-scene.ts";

let scene: Scene;
/** Of an older login than the one that has the character. */
let olderId: LoginId;
beforeEach(async () => {
  scene = await Scene.open();
  olderId = scene.ticket.loginId1;
  await scene.evict();
  await scene.logIn();
  scene.effects.length = 0;
});

const evict = (loginId1: LoginId) =>
  scene.locks.evict(scene.ticket.accountId, loginId1, "logged-in-elsewhere");

describe.each(["choosing", "entering"])("a kick of an account whose character lock is %s", (state) => {
  beforeEach(async () => {
    if (state === "entering") expect(await scene.choose()).toMatchObject({ ok: true });
    expect(await scene.lock()).toMatchObject({ state, loginId1: scene.ticket.loginId1 });
  });

  test("does nothing to a newer login than the one that it names", async () => {
    const before = await scene.lock();
    expect(await evict(olderId)).toBe(false);
    expect(await scene.lock()).toEqual(before);
    expect(scene.effects).toEqual([]);
  });

  test("has the login that it names let go", async () => {
    expect(await evict(scene.ticket.loginId1)).toBe(true);
    expect((await scene.lock()).state).toBe(state === "choosing" ? "free" : "evicting");
    expect(scene.effects).not.toEqual([]);
  });
});
