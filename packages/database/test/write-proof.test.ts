import { expect, test } from "vitest";
import { createWriteProof, type Database } from "../src/index.ts";

test("one write a second at most proves that Postgres takes writes, however many checks ask", async () => {
  let nowMs = 0;
  const answers: (() => void)[] = [];
  const query = () =>
    new Promise<never[]>((resolve, reject) =>
      answers.push(answers.length === 0 ? () => resolve([]) : reject),
    );
  const prove = createWriteProof({ query, close: async () => {} } as Database, () => nowMs);
  const first = [prove(), prove()];
  nowMs = 999;
  first.push(prove());
  expect(answers).toHaveLength(1);
  answers[0]?.();
  await Promise.all(first);
  nowMs = 1_000;
  const second = prove();
  expect(answers).toHaveLength(2);
  answers[1]?.();
  await expect(second).rejects.toBeUndefined();
});
