import { expect, test } from "vitest";
import { backOffMs, retry } from "../src/index.ts";

/** Gives these answers and errors one after the other, and records each pause before the next one. */
function asking(...answers: readonly (string | Error)[]) {
  const pauses: number[] = [];
  const ask = async (tries: number): Promise<string> => {
    const answer = answers[tries - 1];
    if (typeof answer === "string") return answer;
    throw answer;
  };
  const wait = async (ms: number): Promise<void> => void pauses.push(ms);
  return { ask, wait, pauses };
}

test("is asked until an answer is final, with the pause that follows each answer", async () => {
  const { ask, wait, pauses } = asking("no", "not yet", "yes");
  const pauseAfter = (answer: string, tries: number) => (answer === "yes" ? null : tries * 10);
  expect(await retry(wait, ask, pauseAfter)).toBe("yes");
  expect(pauses).toEqual([10, 20]);
});

test("throws an error that is final, and asks again after any other", async () => {
  const [away, bug] = [new Error("away"), new Error("bug")];
  const { ask, wait, pauses } = asking(away, away, bug);
  const pauseAfterError = (error: unknown) => (error === away ? 5 : null);
  await expect(retry(wait, ask, () => null, pauseAfterError)).rejects.toBe(bug);
  expect(pauses).toEqual([5, 5]);
  await expect(retry(wait, asking(away).ask, () => null)).rejects.toBe(away);
});

test("the pause doubles with each failure, up to its maximum", () => {
  const pauses = [0, 1, 2, 3, 5_000].map((failures) => backOffMs(failures, { minMs: 200, maxMs: 1_000 }));
  expect(pauses).toEqual([200, 400, 800, 1_000, 1_000]);
});
