import { expect, test } from "vitest";
import { decimal, id, level, order, words } from "../src/arguments.ts";
import { paging } from "../src/board-requests.ts";

const board = id("leaderboard_id", "");
const score = decimal("score", "");
const may = level("permission", "");
const best = order("ascending", "");

test.each([
  ["1", board, 1],
  ["2147483647", board, 2_147_483_647],
  ["1", paging.limit, 1],
  ["1000", paging.limit, 1_000],
  ["0", paging.offset, 0],
  ["1000000", paging.offset, 1_000_000],
  ["-1.5", score, -1.5],
  [".5e3", score, 500],
  ["write", may, 2],
  ["Moderate", may, 3],
  ["0", may, 0],
  ["asc", best, true],
  ["Descending", best, false],
  ["a comment", words("content", ""), "a comment"],
])("%s is understood", (text, argument, value) => {
  expect(argument.parse(text)).toBe(value);
});

test.each([
  ["0", board, "leaderboard_id: expected a whole number from 1"],
  ["2147483648", board, "leaderboard_id: expected a whole number"],
  ["1e3", board, "leaderboard_id: expected a whole number"],
  ["0", paging.limit, "limit: expected a whole number from 1 to 1000"],
  ["1001", paging.limit, "limit: expected a whole number from 1 to 1000"],
  ["1000001", paging.offset, "offset: expected a whole number from 0 to 1000000"],
  ["1e999", score, 'score: expected a number, not "1e999"'],
  ["0x10", score, "score: expected a number"],
  ["", score, "score: expected a number"],
  ["4", may, 'permission: expected none, read, write, moderate or its number, not "4"'],
  ["admin", may, 'permission: expected none, read, write, moderate or its number, not "admin"'],
  ["", best, "ascending: expected ascending or descending"],
  ["up", best, "ascending: expected ascending or descending"],
  ["", words("content", ""), "content: expected a text"],
])("%j is not, and the message names the argument", (text, argument, message) => {
  expect(() => argument.parse(text)).toThrow(message);
});
