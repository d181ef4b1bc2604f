import { AccountId, accepted, CharId, Fence, kickFor, refused } from "@sallyport/domain";
import { settled } from "@sallyport/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import type { Player } from "../src/player.ts";
import { CharLinkScene, never, ofLogin, stateOf } from "./char-link-scene.ts";

let scene: CharLinkScene;

beforeEach(async () => {
  scene = new CharLinkScene();
  await scene.start();
});

const playerOf = (id: number, state: Player["owner"]["state"] = "playing"): Player =>
  ({
    accountId: AccountId(id),
    charId: CharId(id),
    charFence: Fence(3),
    ...ofLogin,
    owner: { state },
  }) as unknown as Player;

describe("a map-server whose link is lost", () => {
  test("comes back with its cookie, and loses nothing", async () => {
    scene.near.destroy();
    await settled();
    expect([scene.lost, scene.link.isUp]).toEqual([0, false]);
    await scene.clock.advance(1_000);
    expect(scene.shown).toEqual([null, new Uint8Array(32).fill(1)]);
    expect([scene.lost, scene.link.isUp]).toEqual([0, true]);
    scene.near.destroy();
    await scene.clock.advance(1_000);
    expect(scene.shown[2]).toEqual(new Uint8Array(32).fill(2));
  });

  test("neither saves nor passes on players meanwhile, and says why", async () => {
    scene.near.destroy();
    await settled();
    expect(await scene.link.save(scene.player, scene.next(stateOf(100)))).toEqual(refused("no-link"));
    expect(await scene.link.hop(scene.player, scene.next(stateOf(100)))).toEqual(refused("map-unavailable"));
    expect([scene.saved, scene.hopped]).toEqual([[], []]);
  });

  test("answers a save under way with the loss of the link", async () => {
    scene.saveAnswer = never;
    const save = scene.link.save(scene.player, scene.next(stateOf(100)));
    await settled();
    scene.near.destroy();
    expect(await save).toEqual(refused("no-link"));
  });

  test("makes an entering client wait for the link, but only for a bounded time", async () => {
    const enters: unknown[] = [];
    scene.near.destroy();
    await settled();
    void scene.link.enter(scene.player).then((entered) => enters.push(entered));
    await scene.clock.advance(1_000);
    expect(enters).toEqual([accepted({})]);
    scene.isUnreachable = true;
    scene.near.destroy();
    await settled();
    void scene.link.enter(scene.player).then((entered) => enters.push(entered));
    await scene.clock.advance(4_900);
    expect(enters).toHaveLength(1);
    await scene.clock.advance(200);
    expect(enters[1]).toEqual(refused("unavailable"));
  });

  test("reclaims all players in batches, then announces its maps, and that reclaiming is complete", async () => {
    scene.here = Array.from({ length: 1_203 }, (_, index) =>
      playerOf(index + 1, index === 1_202 ? "expected" : "playing"),
    );
    scene.near.destroy();
    await scene.clock.advance(1_000);
    expect(scene.said.slice(1)).toEqual([
      "reclaim 500",
      "reclaim 500",
      "reclaim 203",
      "announced",
      "reclaimed",
    ]);
    expect(scene.reclaims.flat().map(({ accountId }) => accountId)).toEqual(
      scene.here.map((each) => each.accountId),
    );
    expect(scene.reclaims[0]?.[0]).toEqual({
      accountId: 1,
      charId: 1,
      charFence: 3,
      ...ofLogin,
      isPlaying: true,
    });
    expect(scene.reclaims.flat().at(-1)?.isPlaying).toBe(false);
    expect(scene.kicked).toEqual([]);
  });

  test("forgets players that it no longer owns, but leaves the leaving ones to their own requests", async () => {
    scene.here = [playerOf(1), playerOf(2), playerOf(3, "leaving"), playerOf(4, "expected")];
    scene.reclaimAnswers = [accepted({ lost: [AccountId(2), AccountId(3), AccountId(4)] })];
    scene.near.destroy();
    await scene.clock.advance(1_000);
    expect(scene.kicked).toEqual([
      ["forget", scene.here[1], kickFor("lock-lost")],
      ["forget", scene.here[3], kickFor("lock-lost")],
    ]);
    expect(scene.link.isUp).toBe(true);
  });

  test("asks again if the char-server's store does not answer, and is not up before that", async () => {
    scene.here = [playerOf(1)];
    scene.reclaimAnswers = [refused("unavailable", 1_000), refused("unavailable", 1_000)];
    scene.near.destroy();
    await scene.clock.advance(800);
    expect(scene.link.isUp).toBe(false);
    await scene.clock.advance(1_000);
    expect(scene.said.slice(1)).toEqual(["reclaim 1", "reclaim 1", "reclaim 1", "announced", "reclaimed"]);
    expect(scene.link.isUp).toBe(true);
  });

  test("starts reclaiming again from the first player if the link drops in the middle", async () => {
    scene.here = Array.from({ length: 700 }, (_, index) => playerOf(index + 1));
    scene.reclaimAnswers = [accepted({ lost: [] }), never];
    scene.near.destroy();
    await scene.clock.advance(1_000);
    expect(scene.said.slice(1)).toEqual(["reclaim 500", "reclaim 200"]);
    scene.near.destroy();
    await scene.clock.advance(1_000);
    expect(scene.said.slice(3)).toEqual(["reclaim 500", "reclaim 200", "announced", "reclaimed"]);
    expect([scene.lost, scene.shown.length]).toEqual([0, 3]);
  });

  test("loses all players if its cookie is no longer known, and starts as a new server", async () => {
    scene.here = [playerOf(1)];
    scene.isCookieKnown = false;
    scene.near.destroy();
    await scene.clock.advance(1_000);
    expect(scene.lost).toBe(1);
    expect(scene.shown.map((cookie) => cookie === null)).toEqual([true, false, true]);
    expect(scene.reclaims).toEqual([]);
    expect(scene.link.isUp).toBe(true);
  });

  test("drops all players before the char-server may give their locks away, whatever messages arrive then", async () => {
    scene.isUnreachable = true;
    scene.near.destroy();
    await scene.clock.advance(13_500);
    expect(scene.lost).toBe(0);
    await scene.clock.advance(1_500);
    expect(scene.lost).toBe(1);
    const told = scene.leaving();
    await settled();
    expect(told.outcome).toEqual(refused("unavailable"));
    scene.isUnreachable = false;
    await scene.clock.advance(2_000);
    expect([scene.link.isUp, scene.lost]).toEqual([true, 1]);
    // The cookie shows the char-server that the same server is back. So the locks are freed at once, and not
    // by a timer.
    expect(scene.shown.every((cookie, index) => (cookie === null) === (index === 0))).toBe(true);
  });
});
