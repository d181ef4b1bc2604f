import { ManualClock } from "@sallyport/testkit";
import { expect, test } from "vitest";
import { emptyWorld } from "../src/empty-world.ts";

const clock = new ManualClock();

function scene(looks: readonly boolean[], each: () => Promise<void> = async () => {}) {
  const done: string[] = [];
  const left = [...looks];
  const emptied = emptyWorld({
    clock,
    withinMs: 1_000,
    sendAllAway: async () => void done.push("ask"),
    everybodyLeft: async () => {
      await each();
      return left.shift() ?? false;
    },
    admitNobody: () => void done.push("shut"),
  });
  return { done, emptied };
}

test("a world is empty once it was found empty again after nobody could come in any more", async () => {
  const { done, emptied } = scene([true, false, true]);
  await clock.advance(100);
  expect(await emptied).toBe(true);
  expect(done).toEqual(["ask", "shut"]);
});

test("a world that is found empty by a slow store is looked at once more, though its time is over", async () => {
  const { emptied } = scene([true, true], () => clock.advance(2_000));
  expect(await emptied).toBe(true);
});

test("a world that somebody stays in is not empty when its time is over, and was asked to be every half second", async () => {
  const { done, emptied } = scene([]);
  await clock.advance(1_050);
  expect(await emptied).toBe(false);
  expect(done).toEqual(["ask", "ask", "ask"]);
});
