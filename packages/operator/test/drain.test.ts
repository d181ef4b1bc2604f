import { expect, test } from "vitest";
import { leftWith } from "../src/commands/drain.ts";

const status = { server: "map-1", maps: ["harbour"], players: 2 };

test("players for whom there is no other map-server are still counted when their map-server is away", () => {
  const left = leftWith(0, { ...status, state: "draining" });
  expect(left).toBe(2);
  expect(leftWith(left, { ...status, state: "away", players: 0 })).toBe(2);
});

test("players that others take over are not counted", () => {
  expect(leftWith(2, { ...status, state: "draining", maps: [] })).toBe(0);
  expect(leftWith(2, { ...status, state: "draining", players: 0 })).toBe(0);
});
