import { defaultBounds } from "@sallyport/sdk";
import { waits } from "@sallyport/server-kit";
import { expect, test } from "vitest";

test("clients of the SDK wait for an answer as long as servers expect", () => {
  expect(defaultBounds.answerMs).toBe(waits.clientMs);
});
