import { Unavailable } from "@sallyport/domain";
import { ManualClock, testHost } from "@sallyport/testkit";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { Follower, type FollowerDeps } from "../src/running/follower.ts";

let clock: ManualClock;
/** The changes in the store; the version of each is its place, from 1. */
let store: string[];
let isAway: boolean;
let applied: string[][];
beforeEach(() => {
  clock = new ManualClock();
  store = [];
  isAway = false;
  applied = [];
});

async function follow(of: Partial<FollowerDeps<string>> = {}): Promise<Follower<string>> {
  const follower = new Follower<string>(testHost({ clock }), {
    begin: async () => 0,
    read: async (version, countMax) => {
      if (isAway) throw new Unavailable("no answer");
      const items = store.slice(version, version + countMax);
      return { items, version: version + items.length };
    },
    apply: (items) => void applied.push([...items]),
    againForMs: 0,
    about: (item) => item,
    ...of,
  });
  onTestFinished(() => follower.stop());
  await clock.advance(0);
  return follower;
}

test("applies what was there, and then each change once, in order", async () => {
  store.push("a", "b");
  await follow();
  expect(applied).toEqual([["a", "b"]]);
  await clock.advance(10_000);
  store.push("c");
  await clock.advance(2_000);
  expect(applied).toEqual([["a", "b"], ["c"]]);
});

test("begins after the version that it is told", async () => {
  store.push("a", "b", "c");
  await follow({ begin: async () => 2 });
  expect(applied).toEqual([["c"]]);
});

test("finds a change at once if it is told that there is one", async () => {
  const follower = await follow();
  store.push("a");
  follower.look();
  await clock.advance(0);
  expect(applied).toEqual([["a"]]);
});

test("misses nothing while the store does not answer, or while a change cannot be applied", async () => {
  isAway = true;
  let isStuck = true;
  await follow({
    apply: async (items) => {
      if (isStuck) throw new Unavailable("no answer");
      applied.push([...items]);
    },
  });
  store.push("a");
  await clock.advance(2_000);
  isAway = false;
  await clock.advance(2_000);
  isStuck = false;
  await clock.advance(2_000);
  expect(applied).toEqual([["a"]]);
});

test("reads more changes than fit in one page", async () => {
  store.push(...Array.from({ length: 1_200 }, (_, nth) => `${nth}`));
  await follow();
  expect(applied.flat()).toEqual(store);
});

test("applies a change again for a while, because something under way may have missed it", async () => {
  store.push("a");
  const follower = await follow({ againForMs: 13_000 });
  expect(follower.recent).toEqual(["a"]);
  await clock.advance(30_000);
  expect(applied).toEqual([["a"], ["a"], ["a"]]);
  expect(follower.recent).toEqual([]);
});

test("does not apply a change again after a newer one about the same", async () => {
  store.push("walker is muted", "wanda is muted");
  const follower = await follow({ againForMs: 60_000, about: (item) => item.split(" ")[0] });
  await clock.advance(2_000);
  store.push("walker may speak");
  await clock.advance(2_000);
  expect(follower.recent).toEqual(["wanda is muted", "walker may speak"]);
  await clock.advance(10_000);
  const [, , ...again] = applied;
  expect(again.flat()).not.toContain("walker is muted");
  expect(again.flat()).toContain("walker may speak");
});
