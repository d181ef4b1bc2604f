import { expect, test } from "vitest";
import { failsWith } from "../src/planted/named-test.ts";
import { sourceFaults } from "../src/planted/source-faults.ts";

const fault = sourceFaults.find(({ name }) => name === "a kick does not compare login ids");

test("a fault is caught by a test that fails with it, and by no other test", async () => {
  if (fault?.test === undefined) throw new Error("names no test");
  const { file } = fault.test;
  expect(await failsWith(fault, fault.test)).toBe(true);
  expect(
    await failsWith(fault, { file, title: "makes the login that the kick names release the lock" }),
  ).toBe(false);
  await expect(failsWith(fault, { file, title: "promises nothing" })).rejects.toThrow("no test ran");
});
