import { ManualClock } from "@sallyport/testkit";
import { expect, test } from "vitest";
import { type Directory, MemoryDirectory, type Presence, Publisher, presenceMs } from "../src/index.ts";
import { presence } from "./presence.ts";

const noLog = { info: () => {}, warn: () => {} };

test("a server stays listed with its current presence until it stops", async () => {
  const clock = new ManualClock();
  const directory = new MemoryDirectory({ nowMs: () => clock.nowMs() });
  let players = 1;
  const stop = new Publisher(directory, noLog).keepPublishing(() => presence({ players }), clock);
  await clock.advance(0);
  expect(await directory.list()).toEqual([presence({ players: 1 })]);
  players = 2;
  await clock.advance(3 * presenceMs);
  expect(await directory.list()).toEqual([presence({ players: 2 })]);
  await stop();
  expect(await directory.list()).toEqual([]);
  await clock.advance(presenceMs);
  expect(await directory.list()).toEqual([]);
});

test("a link that came or went is published at once, and not with the next period", async () => {
  const clock = new ManualClock();
  const directory = new MemoryDirectory({ nowMs: () => clock.nowMs() });
  let links: Presence["links"] = [{ kind: "login", name: null, state: "down" }];
  const stop = new Publisher(directory, noLog).keepPublishing(() => presence({ links }), clock);
  await clock.advance(100);
  links = [{ kind: "login", name: "login-1", state: "up" }];
  await clock.advance(300);
  expect(await directory.list()).toEqual([presence({ links })]);
  await stop();
});

test("a server never has two writes to a slow directory under way", async () => {
  const clock = new ManualClock();
  const answer: (() => void)[] = [];
  const told: (readonly [string, Presence["state"]])[] = [];
  const slow: Directory = {
    publish: ({ state }) => {
      told.push(["published", state]);
      return new Promise((resolve) => answer.push(resolve));
    },
    withdraw: async ({ state }) => void told.push(["withdrawn", state]),
    list: async () => [],
  };
  const stop = new Publisher(slow, noLog).keepPublishing(() => presence(), clock);
  await clock.advance(10 * presenceMs);
  expect(told).toHaveLength(1);
  answer.shift()?.();
  await clock.advance(presenceMs);
  expect(told).toHaveLength(2);
  const stopped = stop();
  answer.shift()?.();
  await stopped;
  expect(told.at(-1)).toEqual(["withdrawn", "up"]);
});
