import { ManualClock } from "@sallyport/testkit";
import { expect, test } from "vitest";
import { emptyWorld } from "../src/empty-world.ts";

const clock = new ManualClock();

function scene(looks: readonly boolean[], each: () => Promise<void> = async () => {}) {
  const done: string[] = [];
  const left = [...looks];
  const emptied = emptyWorld(
    { clock },
    {
      withinMs: 1_000,
      sendAllAway: async () => void done.push("ask"),
      everybodyLeft: async () => {
        await each();
        return left.shift() ?? false;
      },
      admitNobody: () => void done.push("shut"),
    },
  );
  return { done, emptied };
}

test("a world is empty if it is still empty after its entrance was closed", async () => {
  const { done, emptied } = scene([true, false, true]);
  await clock.advance(100);
  expect(await emptied).toBe(true);
  expect(done).toEqual(["ask", "shut"]);
});

test("a world that a slow store reports as empty is checked once more, even after its deadline", async () => {
  const { emptied } = scene([true, true], () => clock.advance(2_000));
  expect(await emptied).toBe(true);
});

test("a world in which a player stays is not empty at its deadline, and players are asked to leave every half second", async () => {
  const { done, emptied } = scene([]);
  await clock.advance(1_050);
  expect(await emptied).toBe(false);
  expect(done).toEqual(["ask", "ask", "ask"]);
});
