import { expect, test } from "vitest";
import { EventLoop } from "../src/event-loop.ts";
import { RowLocks } from "../src/row-locks.ts";

const unlessDeadlocked = (): never => {
  throw new Error("deadlocked");
};

test("statements that change one row run one after the other, and none waits for another row", () => {
  const rows = new RowLocks(new EventLoop());
  const order: string[] = [];
  const releases: (() => void)[] = [];
  const take = (name: string, ...wanted: string[]): void =>
    rows.take(
      wanted,
      (release) => {
        order.push(name);
        releases.push(release);
      },
      unlessDeadlocked,
    );
  take("first", "a", "b");
  take("second", "b", "c");
  take("third", "a");
  take("beside", "d");
  expect(order).toEqual(["first", "beside"]);
  releases[0]?.();
  expect(order).toEqual(["first", "beside", "third", "second"]);
});

test("one of two statements that wait for each other is given up, and the other gets its rows", async () => {
  const loop = new EventLoop();
  const rows = new RowLocks(loop);
  const order: string[] = [];
  const take = (name: string, wanted: readonly string[]): void =>
    rows.take(
      wanted,
      (release) => {
        order.push(name);
        loop.after(10, release);
      },
      () => order.push(`${name} is given up`),
    );
  take("before", ["c"]);
  take("forth", ["a", "c", "b"]);
  take("back", ["b", "a"]);
  await loop.run(5_000, () => false);
  expect(order).toEqual(["before", "back is given up", "forth"]);
});
