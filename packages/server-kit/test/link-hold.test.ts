import { ManualClock } from "@sallyport/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { LinkHold, waitMsFor } from "../src/links/link-hold.ts";

const reconnectMs = 20_000;

let clock: ManualClock;
let ended: number[];
let hold: LinkHold;

beforeEach(() => {
  clock = new ManualClock();
  ended = [];
  hold = new LinkHold({ clock, ended: () => void ended.push(clock.nowMs()) });
});

const answers = async (): Promise<boolean> => true;
const never = (): Promise<boolean> => new Promise(() => {});

describe("the hold over a lost link", () => {
  test("lasts until a little before the other end may give the locks away, and ends once", async () => {
    hold.begin(0, reconnectMs);
    await clock.advance(19_500);
    expect([hold.isHolding, ended]).toEqual([true, []]);
    await clock.advance(100);
    expect([hold.isHolding, ended]).toEqual([false, [19_600]]);
    await clock.advance(60_000);
    expect(ended).toHaveLength(1);
  });

  test("lasts as long as requests are answered", async () => {
    hold.begin(0, reconnectMs);
    hold.keepAlive(answers);
    await clock.advance(120_000);
    expect([hold.isHolding, ended]).toEqual([true, []]);
  });

  test("is counted from the sending of the last answered request, and not from its answer", async () => {
    hold.begin(0, reconnectMs);
    let answer = (_: boolean): void => {};
    let asked = 0;
    hold.keepAlive(() => {
      asked += 1;
      // The 21st request is sent at 5 s and answered at 18 s: the other end may have been gone since 5 s.
      if (asked < 21) return answers();
      return asked === 21 ? new Promise((resolve) => (answer = resolve)) : never();
    });
    await clock.advance(18_000);
    answer(true);
    await clock.advance(6_500);
    expect(ended).toEqual([]);
    await clock.advance(200);
    expect(ended).toEqual([24_600]);
  });

  test("is not extended by requests without an answer", async () => {
    hold.begin(0, reconnectMs);
    hold.keepAlive(async () => false);
    await clock.advance(30_000);
    expect(ended).toEqual([19_600]);
  });

  test.each([300, 1_500, 15_000, 60_000])(
    "lasts through a freeze of %i ms at any moment, with time to link again",
    async (awayMs) => {
      for (let moment = 0; moment < 1; moment += 0.04) {
        let isUp = true;
        ended = [];
        hold.begin(clock.nowMs(), waitMsFor(awayMs));
        // An answer that is under way when the process freezes is lost.
        hold.keepAlive(async () => isUp);
        await clock.advance(5_000 + moment * 300);
        isUp = false;
        await clock.advance(awayMs + Math.min(1_000, awayMs * 0.2) - 1);
        expect([hold.isHolding, ended]).toEqual([true, []]);
        hold.release();
      }
    },
  );

  test("is found to be over by a process that was frozen, before a timer fires", () => {
    let nowMs = 0;
    const paused = new LinkHold({
      clock: { nowMs: () => nowMs, every: () => () => {}, after: () => () => {} },
      ended: () => void ended.push(nowMs),
    });
    paused.begin(0, reconnectMs);
    nowMs = 100_000;
    expect(paused.isHolding).toBe(false);
    expect(ended).toEqual([100_000]);
  });

  test("starts again at the next admission, and older answers do not extend it", async () => {
    hold.begin(0, reconnectMs);
    let answer = (_: boolean): void => {};
    hold.keepAlive(() => new Promise((resolve) => (answer = resolve)));
    await clock.advance(30_000);
    expect(ended).toHaveLength(1);
    hold.begin(29_000, reconnectMs);
    answer(true);
    await clock.advance(18_500);
    expect(hold.isHolding).toBe(true);
    await clock.advance(200);
    expect(ended).toEqual([19_600, 48_600]);
  });

  test("causes no loss after the locks were released", async () => {
    hold.begin(0, reconnectMs);
    hold.release();
    await clock.advance(60_000);
    expect([hold.isHolding, ended]).toEqual([false, []]);
  });
});
