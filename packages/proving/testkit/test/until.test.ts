import { expect, test } from "vitest";
import { until } from "../src/until.ts";

test("a wait returns the value of its condition, once it holds", async () => {
  let asked = 0;
  expect(await until(() => (++asked === 3 ? "third" : undefined), { what: "asked thrice" })).toBe("third");
});

test("a wait treats a condition that throws as one that does not hold yet", async () => {
  let asked = 0;
  const condition = async (): Promise<boolean> => {
    if (++asked < 3) throw new Error("not yet");
    return true;
  };
  expect(await until(condition, { what: "no longer throws" })).toBe(true);
});

test("a wait that fails names its condition and the last error", async () => {
  const cause = new Error("refused");
  const waiting = until(() => Promise.reject(cause), { what: "the server answers", timeoutMs: 5 });
  await expect(waiting).rejects.toMatchObject({
    message: expect.stringContaining("the server answers"),
    cause,
  });
});
