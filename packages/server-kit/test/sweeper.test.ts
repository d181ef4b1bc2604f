import { Unavailable } from "@sallyport/domain";
import { ManualClock, settled, testHost } from "@sallyport/testkit";
import { expect, test } from "vitest";
import { Sweeper } from "../src/index.ts";
import { heardLog } from "./heard-log.ts";

function openSweeper({
  due = [],
  expire = async () => {},
  freeLate = async () => {},
}: {
  due?: Set<string> | readonly string[];
  expire?: (key: string) => Promise<void>;
  freeLate?: () => Promise<void>;
} = {}) {
  const clock = new ManualClock();
  const waiting = new Set(due);
  const expired: string[] = [];
  const bugs: unknown[] = [];
  const passes: number[] = [];
  const failing: { at: (() => Error) | null } = { at: null };
  const { log, lines } = heardLog();
  const host = testHost({ clock, log, failed: (error) => void bugs.push(error) });
  const sweeper = new Sweeper(host, {
    store: {
      due: async (limit: number) => {
        passes.push(clock.nowMs());
        if (failing.at !== null) throw failing.at();
        return [...waiting].slice(0, limit);
      },
    } as never,
    freeLate,
    expire: async (key) => {
      await expire(key);
      waiting.delete(key);
      expired.push(key);
    },
  });
  return { sweeper, clock, waiting, expired, bugs, passes, failing, lines };
}

test("each sweep frees what came too late, also if it failed before", async () => {
  const calledMs: number[] = [];
  const { clock, bugs } = openSweeper({
    freeLate: async () => {
      calledMs.push(clock.nowMs());
      if (calledMs.length === 1) throw new Unavailable("no answer");
    },
  });
  await clock.advance(1_000);
  expect(calledMs).toEqual([500, 1_000]);
  expect(bugs).toEqual([]);
});

test("a due lock is ended within half a second, and the store is asked as often", async () => {
  const { clock, waiting, expired, passes } = openSweeper({ due: ["a", "b"] });
  await clock.advance(499);
  expect(expired).toEqual([]);
  await clock.advance(1);
  expect(expired).toEqual(["a", "b"]);
  waiting.add("c");
  await clock.advance(1_000);
  expect(expired).toEqual(["a", "b", "c"]);
  expect(passes).toEqual([500, 1_000, 1_500]);
});

test("all due locks are ended without waiting for the next sweep, however many they are", async () => {
  const due = Array.from({ length: 2_500 }, (_, index) => `lock:${index}`);
  const { clock, expired, passes } = openSweeper({ due });
  await clock.advance(500);
  expect(expired).toHaveLength(2_500);
  expect(passes).toEqual([500, 500, 500]);
});

test("a sweep that takes longer than the interval is not joined by another", async () => {
  let go = (): void => {};
  const slow = new Promise<void>((resolve) => {
    go = resolve;
  });
  const { clock, expired, passes } = openSweeper({ due: ["slow"], expire: () => slow });
  await clock.advance(3_000);
  expect(passes).toEqual([500]);
  go();
  await clock.advance(500);
  expect(expired).toEqual(["slow"]);
  expect(passes).toEqual([500, 3_500]);
});

test("locks that could not be ended because of the store are left for the next sweep, and the rest end", async () => {
  let isDown = true;
  const { clock, expired, bugs, lines } = openSweeper({
    due: ["a", "stuck", "b"],
    expire: async (key) => {
      if (key === "stuck" && isDown) throw new Unavailable("gone");
    },
  });
  await clock.advance(500);
  expect(expired).toEqual(["a", "b"]);
  expect(lines).toMatchObject([{ msg: "an expired lock could not be freed; trying again", key: "stuck" }]);
  isDown = false;
  await clock.advance(500);
  expect(expired).toEqual(["a", "b", "stuck"]);
  expect(bugs).toEqual([]);
});

test("a full pass without success is not repeated without end", async () => {
  const due = Array.from({ length: 1_000 }, (_, index) => `lock:${index}`);
  const { clock, passes } = openSweeper({
    due,
    expire: async () => {
      throw new Unavailable("gone");
    },
  });
  await clock.advance(1_000);
  expect(passes).toEqual([500, 1_000]);
});

test("a store that does not answer is asked again; a bug is reported, and sweeping continues", async () => {
  const { clock, expired, bugs, failing } = openSweeper({ due: ["a"] });
  failing.at = () => new Unavailable("gone");
  await clock.advance(500);
  expect(bugs).toEqual([]);
  failing.at = () => new TypeError("a bug");
  await clock.advance(500);
  expect(bugs).toEqual([new TypeError("a bug")]);
  failing.at = null;
  await clock.advance(500);
  expect(expired).toEqual(["a"]);
});

test("a stop waits for the sweep under way, and no other begins", async () => {
  let go = (): void => {};
  const slow = new Promise<void>((resolve) => {
    go = resolve;
  });
  const { sweeper, clock, expired, passes } = openSweeper({ due: ["slow"], expire: () => slow });
  await clock.advance(500);
  let hasStopped = false;
  const stopped = sweeper.stop().then(() => {
    hasStopped = true;
  });
  await settled();
  expect(hasStopped).toBe(false);
  go();
  await stopped;
  expect(expired).toEqual(["slow"]);
  await clock.advance(5_000);
  expect(passes).toEqual([500]);
});
