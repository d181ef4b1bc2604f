import { expect, test } from "vitest";
import { simulateSeed } from "../src/simulate-seed.ts";

async function logOf(seed: number): Promise<string> {
  const lines: string[] = [];
  await simulateSeed(seed, { line: (text) => lines.push(text) });
  return lines.join("\n");
}

test("one seed gives the same log twice, byte for byte", async () => {
  for (let seed = 1; seed <= 10; seed += 1) {
    const first = await logOf(seed);
    expect(first.length).toBeGreaterThan(1_000);
    expect(await logOf(seed)).toBe(first);
  }
});

test("another seed gives another log", async () => {
  expect(await logOf(1)).not.toBe(await logOf(2));
});
