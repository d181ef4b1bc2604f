import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import { afterEach, beforeEach, expect, test } from "vitest";
import { simulateSeed } from "../src/simulate-seed.ts";

/** These places in the project used the machine's own time or randomness. */
let asked: string[] = [];
let restore: (() => void)[] = [];

function watch(of: object, name: string): void {
  const holder = of as { [name: string]: (...args: unknown[]) => unknown };
  const original = holder[name];
  if (original === undefined) throw new Error(`no ${name}`);
  holder[name] = function watched(this: unknown, ...args: unknown[]) {
    const where = new Error(name).stack?.split("\n").filter((line) => line.includes("/packages/"));
    if (where !== undefined && where.length > 1) asked.push(`${name} ${where[1]}`);
    return original.apply(this, args);
  };
  restore.push(() => {
    holder[name] = original;
  });
}

beforeEach(() => {
  asked = [];
  restore = [];
  watch(Date, "now");
  watch(Math, "random");
  watch(performance, "now");
  for (const name of ["setTimeout", "setInterval"]) watch(globalThis, name);
  for (const name of ["randomBytes", "randomUUID", "randomInt", "randomFillSync"]) watch(crypto, name);
  syncBuiltinESMExports();
});
afterEach(() => {
  for (const put of restore) put();
  syncBuiltinESMExports();
});

test("no server or client takes the time, a timer or a random number from the machine", async () => {
  for (let seed = 1; seed <= 10; seed += 1) await simulateSeed(seed);
  expect(asked).toEqual([]);
});

test("a server or client that did so would be detected", () => {
  Math.random();
  crypto.randomBytes(1);
  expect(asked).toHaveLength(2);
});
