import { describe, expect, test } from "vitest";
import { defineMessages, describeMessages, isRequestRow, u8 } from "../src/index.ts";
import { newerTable, sampleTable } from "./sample-table.ts";

describe("a table does not load", () => {
  const notice = (id: number) => ({ id, doc: "", fields: {} }) as const;

  test("with an id used twice", () => {
    expect(() => defineMessages({ "a.one": notice(1), "a.two": notice(1) })).toThrow(
      "message id 1 of a.two belongs to a.one",
    );
  });

  test("with an id that was retired", () => {
    expect(() => defineMessages({ "a.one": notice(7) }, [7])).toThrow("belongs to a retired message");
  });

  test.each([-1, 0x1_0000, 1.5, Number.NaN])("with the id %d, which does not fit 16 bits", (id) => {
    expect(() => defineMessages({ "a.one": notice(id) })).toThrow("bad id for a.one");
  });
});

test("a row with a reply is a request, even if the reply is empty", () => {
  const rows = Object.entries(sampleTable).map(([name, row]) => [name, isRequestRow(row)]);
  expect(Object.fromEntries(rows)).toEqual({
    "sample.everything": true,
    "sample.nothing": true,
    "sample.notice": false,
  });
});

test("the reference page lists each message, in the order of their ids", () => {
  const page = describeMessages({
    "world.status": { id: 2, doc: "How full.", fields: { players: u8("in the world") } },
    "world.ask": { id: 1, doc: "Asks.", fields: {}, reply: { players: u8() }, refusals: ["busy"] },
  });
  expect(page).toBe(`### \`world.ask\` (0x0001, request)

Asks.

Fields: nothing.

Reply:

| # | field | type | |
| --- | --- | --- | --- |
| 0 | players | u8 |  |

Refusals: \`busy\`.

### \`world.status\` (0x0002, notice)

How full.

Fields:

| # | field | type | |
| --- | --- | --- | --- |
| 0 | players | u8 | in the world |
`);
});

test("the reference page describes every kind of field", () => {
  const page = describeMessages(sampleTable);
  for (const told of [
    "| port | u16 |",
    "| fence | u53 |",
    "| name | text ≤ 24 | shown to others |",
    "| key | 4–32 bytes |",
    "| ready | flag |",
    "| mood | `calm` or `angry` |",
    "| tags | list (≤ 16) of text ≤ 8 |",
    "| grid | list (≤ 3) of list (≤ 3) of flag or null |",
    "| guild | { guildId: u32, ranks: list (≤ 4) of u8 } or null |",
  ]) {
    expect(page).toContain(told);
  }
});

test("the reference page gives the fallback of a missing field", () => {
  const page = describeMessages(newerTable);
  expect(page).toContain("| 1 | y | u16 | absent: 7 |");
  expect(page).toContain("| 1 | stepMs | u16 or null | absent: null |");
});
