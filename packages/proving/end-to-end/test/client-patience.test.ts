import { defaultBounds } from "@sallyport/sdk";
import { waits } from "@sallyport/server-kit";
import { expect, test } from "vitest";

test("clients of the SDK wait as long for an answer as servers take them to", () => {
  expect(defaultBounds.answerMs).toBe(waits.clientMs);
});
