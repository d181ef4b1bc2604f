import { AccountId, Fence } from "@sallyport/domain";
import { ManualClock } from "@sallyport/testkit";
import { beforeEach, expect, test } from "vitest";
import { type Turn, Turns } from "../src/turns.ts";

const accountId = AccountId(7);
let clock: ManualClock;
let turns: Turns;
beforeEach(() => {
  [clock, turns] = [new ManualClock(), new Turns()];
});

const take = (fence: number): Turn => turns.take(accountId, Fence(fence));

test("a waiting login is overtaken by a newer one at once", async () => {
  const older = take(1);
  const paused = older.pause(clock, 60_000);
  const newer = take(2);
  await paused;
  expect([older.isOvertaken, newer.isOvertaken]).toEqual([true, false]);
  // The older login no longer has the turn, so its end changes nothing.
  older.end();
  expect(turns.has(accountId)).toBe(true);
  newer.end();
  expect(turns.has(accountId)).toBe(false);
});

test("a login whose turn comes after that of a newer login is overtaken by it", () => {
  const newer = take(2);
  const older = take(1);
  expect([older.isOvertaken, newer.isOvertaken]).toEqual([true, false]);
});

test("the login whose turn it is tries again as soon as something happens, or when its time is over", async () => {
  const turn = take(1);
  const woken = turn.pause(clock, 60_000);
  turns.wake(accountId);
  await woken;
  let isOver = false;
  void turn.pause(clock, 250).then(() => {
    isOver = true;
  });
  await clock.advance(249);
  expect(isOver).toBe(false);
  await clock.advance(1);
  expect(isOver).toBe(true);
  expect(clock.timerCount).toBe(0);
});
