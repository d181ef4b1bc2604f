import { toldFields } from "@sallyport/cluster-protocol";
import { accepted, attributesCharsMax, kickFor, refused } from "@sallyport/domain";
import { settled } from "@sallyport/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { CharLinkScene, never, of, position, stateOf } from "./char-link-scene.ts";

let scene: CharLinkScene;

beforeEach(async () => {
  scene = new CharLinkScene();
  await scene.start();
});

describe("a map-server that is admitted", () => {
  test("announces its maps, and hosts those that it is told to, now and later", async () => {
    expect(scene.announced).toMatchObject([
      { host: "127.0.0.1", port: 7300, maps: ["harbour", "forest"], playersMax: 50 },
    ]);
    expect(scene.hosted).toEqual([["harbour"]]);
    scene.links[0]?.notify({ type: "map-server.host", maps: ["harbour", "forest"] });
    await settled();
    expect(scene.hosted).toEqual([["harbour"], ["harbour", "forest"]]);
    expect(scene.link.isUp).toBe(true);
  });

  test("announces that it drains, at once and to each later char-server", async () => {
    expect(scene.announced).toMatchObject([{ isDraining: false }]);
    scene.link.drain();
    expect(scene.link.isDrainTold).toBe(false);
    await settled();
    expect(scene.announced.slice(1)).toMatchObject([{ isDraining: true }]);
    expect(scene.link.isDrainTold).toBe(true);
    scene.near.destroy();
    await scene.clock.advance(1_000);
    expect(scene.announced.slice(2)).toMatchObject([{ isDraining: true }]);
  });

  test("announces a drain that begins while the link is being set up", async () => {
    let answer = (): void => {};
    scene.untilAnnounced = new Promise((resolve) => {
      answer = resolve;
    });
    scene.near.destroy();
    await scene.clock.advance(1_000);
    expect([scene.link.isUp, scene.announced.slice(1)]).toMatchObject([false, [{ isDraining: false }]]);
    scene.link.drain();
    answer();
    await settled();
    expect(scene.announced.slice(2)).toMatchObject([{ isDraining: true }]);
    expect([scene.link.isUp, scene.link.isDrainTold]).toEqual([true, true]);
  });

  test("counts on other map-servers to be linked only five seconds after it was linked again", async () => {
    expect(scene.link.areOthersLinked).toBe(true);
    scene.near.destroy();
    await scene.clock.advance(1_000);
    expect([scene.link.isUp, scene.link.areOthersLinked]).toEqual([true, false]);
    await scene.clock.advance(5_000);
    expect([scene.link.isUp, scene.link.areOthersLinked]).toEqual([true, true]);
  });

  test("passes on the order to drain", async () => {
    const asked = scene.links[0]?.ask({ type: "map-server.drain" }, 1_000);
    await settled();
    expect(await asked).toEqual(accepted({}));
    expect(scene.drains).toBe(1);
  });

  test("passes on which players to forget and to kick, and reports a kick for a player that it does not have", async () => {
    const banned = { reason: "banned", untilMs: 4_102_444_800_000, text: "for cheating" } as const;
    scene.links[0]?.notify({ type: "character.forget", ...of, ...toldFields(kickFor("lock-lost")) });
    const first = scene.links[0]?.ask({ type: "character.kick", ...of, ...toldFields(banned) }, 1_000);
    await settled();
    expect(scene.kicked).toMatchObject([
      ["forget", of, kickFor("lock-lost")],
      ["kick", of, banned],
    ]);
    expect(await first).toEqual(refused("not-held"));
  });
});

describe("a hop", () => {
  test("sends the state with which the character arrives, and gets the address for the client", async () => {
    expect(await scene.link.hop(scene.player, scene.next(stateOf(100)))).toEqual(scene.hopAnswer);
    const attributes = JSON.stringify(stateOf(100).attributes);
    expect(scene.hopped).toMatchObject([{ ...of, loginId1: 4, saved: { position, attributes } }]);
  });

  test.each([30_000, 90_000])("has the time limit that the char-server sets: %i ms", async (hopMs) => {
    const slow = new CharLinkScene();
    slow.hopMs = hopMs;
    await slow.start();
    slow.hopAnswer = never;
    let outcome: unknown = null;
    void slow.link.hop(slow.player, slow.next(stateOf(100))).then((hop) => {
      outcome = hop;
    });
    await slow.clock.advance(hopMs - 1_000);
    expect(outcome).toBeNull();
    await slow.clock.advance(2_000);
    expect(outcome).toMatchObject({ refusal: "unanswered" });
    expect(slow.hopped).toHaveLength(1);
  });

  test("that was under way when the link dropped is off, once the character is reclaimed", async () => {
    scene.here = [scene.player];
    scene.hopAnswer = never;
    const hop = scene.link.hop(scene.player, scene.next(stateOf(100)));
    await settled();
    scene.near.destroy();
    await scene.clock.advance(1_000);
    expect(await hop).toEqual(refused("map-unavailable"));
    expect([scene.hopped.length, scene.reclaims.length]).toEqual([1, 1]);
  });
});

describe("a leave", () => {
  test("is requested in the same words until an answer tells its outcome", async () => {
    scene.leaveAnswers = [refused("unavailable", 1_000), never, accepted({ isReleased: true })];
    const told = scene.leaving(stateOf(100));
    await scene.clock.advance(500);
    expect(scene.left).toHaveLength(2);
    // The request waits three seconds for an answer. Then a pause follows before the next try.
    await scene.clock.advance(4_000);
    expect(scene.left).toHaveLength(3);
    expect(told.outcome).toEqual(accepted({ isReleased: true }));
    for (const asked of scene.left) expect(asked).toEqual(scene.left[0]);
    expect(scene.left[0]).toMatchObject({ ...of, to: "offline", saved: { position } });
  });

  test.each(["lock-lost", "state-invalid"] as const)("ends if the answer is %s", async (refusal) => {
    scene.leaveAnswers = [refused(refusal)];
    const told = scene.leaving(stateOf(100));
    await scene.clock.advance(10_000);
    expect(told.outcome).toEqual(refused(refusal));
    expect(scene.left).toHaveLength(1);
  });

  test("is abandoned after half a minute", async () => {
    scene.leaveAnswers = [refused("unavailable", 1_000)];
    const told = scene.leaving();
    await scene.clock.advance(29_000);
    expect(told.outcome).toBeNull();
    await scene.clock.advance(1_500);
    expect(told.outcome).toEqual(refused("unavailable"));
    const { length } = scene.left;
    await scene.clock.advance(10_000);
    expect(scene.left).toHaveLength(length);
  });

  const saved = accepted({ isReleased: false });

  test("counts as done for the client once all is saved, and the lock is released as soon as possible", async () => {
    scene.leaveAnswers = [refused("unavailable", 1_000), saved];
    const told = scene.leaving(stateOf(100));
    await scene.clock.advance(9_000);
    expect(told.outcome).toBeNull();
    expect(scene.left.slice(0, 3).map((asked) => asked.saved !== null)).toEqual([true, true, false]);
    await scene.clock.advance(1_500);
    expect(told.outcome).toEqual(saved);

    scene.player.owner = { state: "gone" };
    scene.leaveAnswers = [saved, accepted({ isReleased: true })];
    const { length } = scene.left;
    await scene.clock.advance(10_000);
    expect(scene.left).toHaveLength(length + 2);
    expect(scene.left.at(-1)).toMatchObject({ ...of, to: "offline", saved: null });
  });

  test("is left to the next incarnation if the link drops before the lock is released", async () => {
    scene.leaveAnswers = [saved];
    const told = scene.leaving(stateOf(100));
    await scene.clock.advance(31_000);
    expect(told.outcome).toEqual(saved);
    const { length } = scene.left;
    scene.near.destroy();
    await scene.clock.advance(10_000);
    expect(scene.links).toHaveLength(2);
    expect(scene.left).toHaveLength(length);
  });

  test("is abandoned if the character no longer belongs to this map-server", async () => {
    scene.leaveAnswers = [refused("unavailable", 1_000)];
    const told = scene.leaving();
    await scene.clock.advance(100);
    scene.player.owner = { state: "gone" };
    await scene.clock.advance(10_000);
    expect(told.outcome).toEqual(refused("unavailable"));
    expect(scene.left).toHaveLength(1);
  });

  test("continues over the next link", async () => {
    scene.here = [scene.player];
    scene.leaveAnswers = [never, accepted({ isReleased: true })];
    const told = scene.leaving(stateOf(100));
    await scene.clock.advance(100);
    scene.near.destroy();
    await scene.clock.advance(1_000);
    expect(scene.links).toHaveLength(2);
    expect(told.outcome).toEqual(accepted({ isReleased: true }));
    expect(scene.left).toHaveLength(2);
    expect(scene.left[1]).toEqual(scene.left[0]);
  });

  test("waits for a link", async () => {
    scene.isUnreachable = true;
    scene.near.destroy();
    await scene.clock.advance(100);
    const told = scene.leaving(stateOf(100));
    await scene.clock.advance(5_000);
    expect([told.outcome, scene.left]).toEqual([null, []]);
    scene.isUnreachable = false;
    await scene.clock.advance(2_000);
    expect(told.outcome).toEqual(accepted({ isReleased: true }));
  });

  test("is abandoned when everything is lost", async () => {
    scene.isUnreachable = true;
    scene.near.destroy();
    await scene.clock.advance(100);
    const told = scene.leaving();
    await scene.clock.advance(15_000);
    expect([told.outcome, scene.lost]).toEqual([refused("unavailable"), 1]);
  });
});

describe("a state that is longer than the char-server takes", () => {
  const tooLong = stateOf(attributesCharsMax + 1);

  test("is not sent to be saved, and does not end the link", async () => {
    expect(await scene.link.save(scene.player, scene.next(tooLong))).toEqual(refused("state-invalid"));
    expect(await scene.link.hop(scene.player, scene.next(tooLong))).toEqual(refused("state-invalid"));
    await settled();
    expect([scene.saved, scene.hopped, scene.closed, scene.link.isUp]).toEqual([[], [], [], true]);
  });

  test("is lost when its player leaves; the client is told so, and the lock is released", async () => {
    const told = scene.leaving(tooLong);
    await settled();
    expect(scene.left).toMatchObject([{ ...of, saved: null }]);
    expect(told.outcome).toEqual(refused("state-invalid"));
    expect(scene.closed).toEqual([]);
  });

  test.each(["x", "漢"])(
    "is one character longer than the longest that is saved (of %s)",
    async (filledWith) => {
      const longest = stateOf(attributesCharsMax, filledWith);
      expect(await scene.link.save(scene.player, scene.next(longest))).toEqual(accepted({}));
      expect(scene.saved[0]?.attributes).toBe(JSON.stringify(longest.attributes));
      scene.leaving(longest);
      await settled();
      expect(scene.left).toHaveLength(1);
      expect(scene.closed).toEqual([]);
    },
  );
});

describe("the state of the world", () => {
  const write = { key: "sign", version: 7, value: "{}", writer: "one", number: 1 };

  test("is read and changed over the link, and news are passed on", async () => {
    expect(await scene.link.readWorld(["sign"])).toEqual(
      accepted({ states: [{ key: "sign", version: 7, value: "{}" }] }),
    );
    expect(await scene.link.changeWorld(write)).toEqual(accepted({ version: 8 }));
    expect(scene.worldWrites).toMatchObject([write]);
    scene.links[0]?.notify({ type: "world.changed", key: "sign", version: 9, value: "1" });
    await settled();
    expect(scene.worldChanges).toMatchObject([{ key: "sign", version: 9, value: "1" }]);
  });

  test("has to be read each time that the link comes up", async () => {
    expect(scene.linked).toBe(1);
    scene.near.destroy();
    await scene.clock.advance(2_000);
    expect([scene.link.isUp, scene.linked]).toEqual([true, 2]);
  });

  test("is not asked for while there is no link", async () => {
    scene.isUnreachable = true;
    scene.near.destroy();
    await settled();
    const [read, changed] = [scene.link.readWorld(["sign"]), scene.link.changeWorld(write)];
    await scene.clock.advance(3_000);
    expect([await read, await changed]).toEqual([refused("no-link"), refused("no-link")]);
    expect([scene.worldReads, scene.worldWrites]).toEqual([[], []]);
  });

  test("is asked for over the next link, if there is one in time", async () => {
    scene.near.destroy();
    await settled();
    const changed = scene.link.changeWorld(write);
    await scene.clock.advance(2_000);
    expect(await changed).toEqual(accepted({ version: 8 }));
  });
});
