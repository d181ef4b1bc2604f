import { CharId, Fence, Unavailable } from "@sallyport/domain";
import { defaultLockTiming } from "@sallyport/lock-core";
import { beforeEach, describe, expect, test } from "vitest";
import { type Answer, map, position, Scene, self, yes } from "./hand-over-scene.ts";

let scene: Scene;
beforeEach(async () => {
  scene = await Scene.open();
});

const retry = { refusal: "map-unavailable", retryAfterMs: expect.any(Number) };

test("a character that the map-server accepts belongs to that server, under the fence of its loading", async () => {
  expect(await scene.choose()).toMatchObject({
    ok: true,
    value: { charId: scene.charId, map: "harbour", host: "map", port: 3 },
  });
  const [character] = scene.expected;
  expect(character).toMatchObject({
    ...scene.ticket,
    charId: scene.charId,
    charFence: 1,
    position,
    waitMs: 30_000,
  });
  expect(await scene.lock()).toMatchObject({
    state: "entering",
    owner: map,
    charId: scene.charId,
    charFence: 1,
  });
  const state = { position, attributes: {} };
  const save = { charId: scene.charId, world: "Alpha", fence: Fence(1), saveNumber: 1, state };
  const saveBy = (owner: string) => scene.stores.characters.saveMany([{ ...save, owner }]);
  expect(await saveBy("other")).toEqual(new Map([[scene.charId, "lock-lost"]]));
  expect(await saveBy(map.server)).toEqual(new Map());
});

test("the char-server owns the lock while it asks the map-server, which gets it only after it says yes", async () => {
  let whileAsked: unknown;
  scene.says = async () => {
    whileAsked = await scene.lock();
    return yes;
  };
  await scene.choose();
  expect(whileAsked).toMatchObject({ state: "handing-over", owner: self, target: map, charId: scene.charId });
});

describe("the client may choose again", () => {
  test("if no map-server has the map", async () => {
    scene.hosting.remove(map.incarnation, true);
    expect(await scene.choose()).toMatchObject(retry);
    expect(await scene.lock()).toMatchObject({ state: "choosing", owner: self });
  });

  test.each(["full", "stopping", "map-not-hosted", "stale-fence"] as const)(
    "if the map-server answers %s",
    async (refusal) => {
      scene.says = () => ({ ok: false, refusal });
      expect(await scene.choose()).toMatchObject(retry);
      expect(await scene.lock()).toMatchObject({ state: "choosing", owner: self });
      expect(scene.forgotten).toEqual([]);
    },
  );

  test("if the state of the character does not fit the game, which is no passing trouble", async () => {
    scene.says = () => ({ ok: false, refusal: "state-invalid" });
    expect(await scene.choose()).toEqual({ ok: false, refusal: "state-invalid" });
    expect(await scene.lock()).toMatchObject({ state: "choosing", owner: self });
  });

  test("if the map-server does not answer; it is told to forget the character", async () => {
    scene.says = () => ({ ok: false, refusal: "unanswered" });
    expect(await scene.choose()).toMatchObject(retry);
    expect(await scene.lock()).toMatchObject({ state: "choosing", owner: self });
    expect(scene.forgotten).toEqual([{ charFence: 1 }]);
  });

  test("if the character was deleted meanwhile", async () => {
    await scene.stores.characters.delete(await scene.reference());
    expect(await scene.choose()).toEqual({ ok: false, refusal: "no-such-character" });
    expect(await scene.lock()).toMatchObject({ state: "choosing", owner: self });
    expect(scene.expected).toEqual([]);
  });
});

describe("the client loses its place", () => {
  const lockLost = { ok: false, refusal: "lock-lost" };

  test("if this login no longer has the lock, and then no fence is raised", async () => {
    const { ticket, accountFence } = scene;
    await scene.evict();
    await scene.logIn();
    const newer = { ticket: scene.ticket, accountFence: scene.accountFence };
    Object.assign(scene, { ticket, accountFence });
    expect(await scene.choose()).toEqual(lockLost);
    Object.assign(scene, newer);
    expect(await scene.lock()).toMatchObject({ state: "choosing", loginId1: scene.ticket.loginId1 });
    expect(await scene.choose()).toMatchObject({ ok: true });
    expect(scene.expected.map(({ charFence }) => charFence)).toEqual([1]);
  });

  test("if a newer login has the account: the character is not loaded, and no map-server asked", async () => {
    await scene.stores.accounts.raiseFence(scene.ticket.accountId);
    expect(await scene.choose()).toEqual(lockLost);
    expect(await scene.lock()).toMatchObject({ state: "choosing", owner: self });
    expect(scene.expected).toEqual([]);
  });

  test("if it is kicked while the map-server is asked, and the map-server forgets the character", async () => {
    scene.says = async () => {
      await scene.evict();
      return yes;
    };
    expect(await scene.choose()).toEqual(lockLost);
    expect(await scene.lock()).toEqual({ state: "free" });
    expect(scene.forgotten).toEqual([{ charFence: 1 }]);
    expect(scene.effects.filter(({ type }) => type === "release-account")).toHaveLength(1);
  });

  test("if the map-server is too slow, and the map-server forgets the character", async () => {
    scene.says = async () => {
      scene.nowMs += defaultLockTiming.handOverMs;
      await scene.expire();
      return yes;
    };
    expect(await scene.choose()).toEqual(lockLost);
    expect(await scene.lock()).toEqual({ state: "free" });
    expect(scene.forgotten).toEqual([{ charFence: 1 }]);
  });

  test("if it disconnects meanwhile: the map-server forgets the character, and both locks are free", async () => {
    expect(await scene.choose(scene.stores.characters, () => false)).toEqual(lockLost);
    expect(await scene.lock()).toEqual({ state: "free" });
    expect(scene.forgotten).toEqual([{ charFence: 1 }]);
    expect(scene.effects).toEqual([{ type: "release-account", loginId1: scene.ticket.loginId1 }]);
  });
});

describe("if a store does not answer, the client may choose again", () => {
  test("if the database is down: the client is told, and its lock is unchanged", async () => {
    const take = () => Promise.reject(new Unavailable("no database"));
    const failing = { ...scene.stores.characters, take };
    expect(await scene.choose(failing)).toMatchObject({ refusal: "unavailable" });
    expect(await scene.lock()).toMatchObject({ state: "choosing", owner: self });
    expect(await scene.choose()).toMatchObject({ ok: true });
  });

  test("if the database is silent: the wait ends before the lock does, and late effects count for nothing", async () => {
    let arrive = async (): Promise<unknown> => null;
    const take: Scene["stores"]["characters"]["take"] = (of) => {
      arrive = () => scene.stores.characters.take(of);
      return new Promise(() => {});
    };
    const choosing = scene.choose({ ...scene.stores.characters, take });
    await scene.clock.advance(defaultLockTiming.handOverMs / 2);
    expect(await choosing).toMatchObject({ refusal: "unavailable" });
    expect(scene.clock.timerCount).toBe(0);
    expect(await scene.lock()).toMatchObject({ state: "choosing", owner: self });
    expect(await scene.choose()).toMatchObject({ ok: true });
    expect(await arrive()).toMatchObject({ refusal: "raised-meanwhile" });
    expect(await scene.lock()).toMatchObject({ state: "entering", owner: map, charFence: 1 });
  });

  test("if the database is slow: the wait for a silent map-server ends before the lock does", async () => {
    const { clock, stores } = scene;
    const after = (ms: number) => new Promise<void>((resolve) => clock.after(ms, resolve));
    const take: Scene["stores"]["characters"]["take"] = async (of) => {
      await after(1_900);
      return stores.characters.take(of);
    };
    scene.says = async (_character, withinMs) => {
      await after(withinMs);
      scene.nowMs = clock.nowMs();
      await scene.expire();
      return { ok: false, refusal: "unanswered" };
    };
    const choosing = scene.choose({ ...stores.characters, take });
    await clock.advance(2 * defaultLockTiming.handOverMs);
    expect(await choosing).toMatchObject(retry);
    expect(await scene.lock()).toMatchObject({ state: "choosing", owner: self });
  });

  test.each([
    ["handing-over", "before"],
    ["handing-over", "after"],
    ["entering", "before"],
    ["entering", "after"],
  ] as const)("if the lock becomes %s, and the store fails %s that", async (state, when) => {
    const locks = scene.failingOnce(state, when);
    const handOver = scene.handOver({ locks });
    await expect(handOver.choose(await scene.choice())).rejects.toThrow(Unavailable);
    const answer = await handOver.choose(await scene.choice());
    expect(answer).toMatchObject({ ok: true, value: { charId: scene.charId, map: "harbour", port: 3 } });
    const [last] = scene.expected.slice(-1);
    expect(await scene.lock()).toMatchObject({ state: "entering", owner: map, charFence: last?.charFence });
    expect(await scene.reference()).toMatchObject({ charFence: last?.charFence });
  });

  test("but no other character while a map-server has the first", async () => {
    const handOver = scene.handOver({ locks: scene.failingOnce("entering", "after") });
    const choice = await scene.choice();
    await expect(handOver.choose(choice)).rejects.toThrow(Unavailable);
    const other = { ...choice, charId: CharId(choice.charId + 1), charFence: Fence(1) };
    expect(await handOver.choose(other)).toMatchObject({ refusal: "lock-lost" });
    expect(await scene.lock()).toMatchObject({ state: "entering", charId: choice.charId });
  });
});

test("a late answer for a login that ended does not count for the next login", async () => {
  const answers: ((answer: Answer) => void)[] = [];
  scene.says = () => new Promise((resolve) => answers.push(resolve));
  const asked = async (count: number): Promise<void> => {
    for (let turn = 0; turn < 1_000 && answers.length < count; turn += 1) await Promise.resolve();
    expect(answers).toHaveLength(count);
  };
  const older = scene.choose();
  await asked(1);
  await scene.evict();
  await scene.logIn();
  const newer = scene.choose();
  await asked(2);

  answers[0]?.(yes);
  expect(await older).toEqual({ ok: false, refusal: "lock-lost" });
  expect(await scene.lock()).toMatchObject({ state: "handing-over", loginId1: scene.ticket.loginId1 });
  answers[1]?.(yes);
  expect(await newer).toMatchObject({ ok: true });
  expect(await scene.lock()).toMatchObject({
    state: "entering",
    loginId1: scene.ticket.loginId1,
    charFence: 2,
  });
  expect(scene.forgotten).toEqual([{ charFence: 1 }]);
});

test("a character that was saved on another map after it was listed goes to the host of that map", async () => {
  const forest = { server: "other", incarnation: "other-1" };
  scene.linkMap(forest, "forest");
  const { charId, stores } = scene;
  const choice = await scene.choice();
  await stores.characters.take({ ...(await scene.reference()), owner: "map" });
  const state = { position: { map: "forest", x: 1, y: 2 }, attributes: {} };
  const save = { charId, world: "Alpha", owner: "map", fence: Fence(1), saveNumber: 1, state };
  expect(await stores.characters.save(save)).toMatchObject({ ok: true });
  expect(await scene.handOver().choose(choice)).toMatchObject({
    ok: true,
    value: { map: "forest", host: "other" },
  });
  expect(scene.expected.map(({ charFence }) => charFence)).toEqual([2]);
  expect(await scene.lock()).toMatchObject({ state: "entering", owner: forest });
});
