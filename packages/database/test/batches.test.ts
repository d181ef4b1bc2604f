import { Unavailable } from "@sallyport/domain";
import { settled, until } from "@sallyport/testkit";
import pg from "pg";
import { expect, test } from "vitest";
import { inBatches } from "../src/batches.ts";
import type { Database } from "../src/index.ts";

interface Sent {
  readonly numbers: readonly number[];
  answer(): void;
  fail(error: unknown): void;
}

/**
 * Doubles numbers. A statement gives no answer for an odd number. A negative number fails if it is sent
 * alone.
 */
function doubling(keyOf?: (call: number) => unknown) {
  const sent: Sent[] = [];
  const alone: number[] = [];
  const database: Database = {
    query: (_, [numbers]) =>
      new Promise((resolve, reject) => {
        const asked = numbers as readonly number[];
        const rows = asked.map((number, index) => ({ nth: index + 1, doubled: 2 * number }));
        const answer = (): void => resolve(rows.filter((_row, index) => asked[index]! % 2 === 0) as never);
        sent.push({ numbers: asked, answer, fail: reject });
      }),
    close: async () => {},
  };
  const double = inBatches<number, number>(database, {
    statement: { name: "double", text: "" },
    valuesOf: (number) => [number],
    answerOf: (_, [row]) => row && (row["doubled"] as number),
    alone: async (number) => {
      alone.push(number);
      if (number < 0) throw new RangeError(`${number} is negative`);
      return 2 * number;
    },
    ...(keyOf && { keyOf }),
  });
  const numbers = () => sent.map((each) => each.numbers);
  const isSent = (count: number) => until(() => sent.length === count, { what: `${count} statements` });
  return { double, sent, numbers, alone, isSent };
}

test("the calls of one turn share a statement, and those that come meanwhile share the next", async () => {
  const { double, sent, numbers, isSent } = doubling();
  const first = [double(2), double(4)];
  await isSent(1);
  const second = [double(6), double(8)];
  sent[0]!.answer();
  expect(await Promise.all(first)).toEqual([4, 8]);
  await isSent(2);
  sent[1]!.answer();
  expect(await Promise.all(second)).toEqual([12, 16]);
  expect(numbers()).toEqual([
    [2, 4],
    [6, 8],
  ]);
});

test("a statement without an answer does not keep the calls after it from being sent", async () => {
  const { double, sent, isSent } = doubling();
  const slow = double(2);
  await isSent(1);
  const next = double(4);
  await isSent(2);
  sent[1]!.answer();
  expect(await next).toBe(8);
  sent[0]!.answer();
  expect(await slow).toBe(4);
});

test("calls with the same key never share a statement, and leave in the order in which they came", async () => {
  const { double, sent, numbers, isSent } = doubling((number) => number % 10);
  const all = Promise.all([double(2), double(12), double(4), double(22)]);
  for (let nth = 0; nth < 3; nth += 1) {
    await isSent(nth + 1);
    sent[nth]!.answer();
  }
  expect(await all).toEqual([4, 24, 8, 44]);
  expect(numbers()).toEqual([[2, 4], [12], [22]]);
});

test("no statement has more than two hundred calls", async () => {
  const { double, sent, numbers, isSent } = doubling();
  const all = Promise.all(Array.from({ length: 450 }, () => double(2)));
  for (let nth = 0; nth < 3; nth += 1) {
    await isSent(nth + 1);
    sent[nth]!.answer();
  }
  await all;
  expect(numbers().map(({ length }) => length)).toEqual([200, 200, 50]);
});

test("a call that the statement skipped is carried out alone", async () => {
  const { double, sent, alone, isSent } = doubling();
  const all = Promise.all([double(2), double(3)]);
  await isSent(1);
  sent[0]!.answer();
  expect(await all).toEqual([4, 6]);
  expect(alone).toEqual([3]);
});

test("if Postgres rejects a statement for one of its rows, only the call with that row fails", async () => {
  const { double, sent, isSent } = doubling();
  const all = Promise.allSettled([double(2), double(-4), double(6)]);
  await isSent(1);
  const broken = new pg.DatabaseError("a broken value", 0, "error");
  broken.code = "22P02";
  sent[0]!.fail(broken);
  expect(await all).toMatchObject([{ value: 4 }, { reason: { name: "RangeError" } }, { value: 12 }]);
});

test.each([
  ["an unknown outcome", new Unavailable("not answered")],
  ["a mistake in the statement", new SyntaxError("no such column")],
])("%s fails each call of the statement, and nothing is carried out again", async (_, error) => {
  const { double, sent, alone, isSent } = doubling();
  const all = Promise.allSettled([double(2), double(3)]);
  await isSent(1);
  sent[0]!.fail(error);
  expect(await all).toEqual([2, 3].map(() => ({ status: "rejected", reason: error })));
  await settled();
  expect(alone).toEqual([]);
  const next = double(4);
  await isSent(2);
  sent[1]!.answer();
  expect(await next).toBe(8);
});

test("calls beyond the bound are refused at once", async () => {
  const { double, sent, isSent } = doubling(() => "the same");
  const all = Array.from({ length: 20_010 }, () => double(2));
  const refused = await Promise.allSettled(all.slice(20_000));
  expect(refused.every(({ status }) => status === "rejected")).toBe(true);
  for (const call of all) call.catch(() => {});
  await isSent(1);
  sent[0]!.answer();
  expect(await all[0]).toBe(4);
});
