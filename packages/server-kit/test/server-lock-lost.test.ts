import { beforeEach, describe, expect, test } from "vitest";
import { key, RegistryScene, server } from "./registry-scene.ts";

let scene: RegistryScene;

beforeEach(() => {
  scene = new RegistryScene();
});

describe("a server whose lock the store lost", () => {
  test("is cut off, and readmitted by a cookie that no store remembers", async () => {
    const first = await scene.connect();
    scene.loseAll();
    expect(await scene.registry.renew(first)).toBe(false);
    await scene.registry.disconnect(first);
    const back = await scene.admit(first.cookie);
    expect(back.incarnation).not.toBe(first.incarnation);
    expect(await scene.registry.renew(back)).toBe(true);
    expect(scene.serverState).toBe("connected");
  });

  test("is readmitted even if the answer with its next cookie was lost", async () => {
    const first = await scene.connect();
    scene.loseAll();
    const unheard = await scene.admit(first.cookie);
    await scene.registry.disconnect(unheard);
    const back = await scene.admit(first.cookie);
    expect(back.earlier).toEqual([unheard.incarnation]);
  });

  test("is cut off even if its server lock is still there, since others of its locks may be lost", async () => {
    const first = await scene.connect();
    scene.losses.count += 1;
    scene.losses.graceMs = 30_000;
    expect(await scene.registry.renew(first)).toBe(false);
    await scene.registry.disconnect(first);
    expect((await scene.admit(first.cookie)).earlier).toEqual([first.incarnation]);
  });

  test("is refused with a cookie while another has its name", async () => {
    const first = await scene.connect();
    scene.loseAll();
    const other = await scene.connect();
    expect(await scene.registry.admit(server, first.cookie)).toMatchObject({ refusal: "cookie-unknown" });
    expect(await scene.registry.renew(other)).toBe(true);
  });

  test("starts as a new server if it comes after that time", async () => {
    const first = await scene.connect();
    scene.loseAll();
    scene.losses.graceMs = 0;
    expect(await scene.registry.admit(server, first.cookie)).toMatchObject({ refusal: "cookie-unknown" });
    expect(scene.state.locks.has(key)).toBe(false);
  });
});
