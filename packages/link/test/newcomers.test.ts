import { beforeEach, describe, expect, test } from "vitest";
import { ManualClock } from "../../proving/testkit/src/manual-clock.ts";
import { Newcomers } from "../src/newcomers.ts";

let clock: ManualClock;
let newcomers: Newcomers;
let gone: string[];

beforeEach(() => {
  clock = new ManualClock();
  gone = [];
  newcomers = new Newcomers({ withinMs: 1_000, countMax: 4, perAddressMax: 3 }, clock);
});

const come = (remote: string): (() => void) =>
  newcomers.begin(remote, (why) => void gone.push(`${remote} ${why}`));

describe("a newcomer", () => {
  test("has to go when its time is over, and once", async () => {
    come("192.0.2.1:1");
    await clock.advance(999);
    expect(gone).toEqual([]);
    await clock.advance(5_000);
    expect(gone).toEqual(["192.0.2.1:1 took longer than 1000 ms"]);
    expect(newcomers.count).toBe(0);
  });

  test("that is none any more stays, and makes room", () => {
    const done = ["1", "2", "3"].map((port) => come(`192.0.2.1:${port}`));
    done[0]?.();
    done[0]?.();
    come("192.0.2.1:4");
    expect(gone).toEqual([]);
    expect(newcomers.count).toBe(3);
  });
});

test("past the bound of an address its oldest has to go, and nobody else's", () => {
  come("192.0.2.2:1");
  for (const port of ["1", "2", "3", "4"]) come(`192.0.2.1:${port}`);
  expect(gone).toEqual(["192.0.2.1:1 too many of one address at once"]);
});

test("past the bound of all the oldest of the address with most of them has to go", () => {
  come("192.0.2.2:1");
  for (const port of ["1", "2", "3"]) come(`192.0.2.1:${port}`);
  come("192.0.2.3:1");
  expect(gone).toEqual(["192.0.2.1:1 too many at once"]);
});

test("an address whose newcomers are all gone is forgotten: it has to go no sooner than those that came meanwhile", () => {
  come("192.0.2.1:1")();
  for (const host of [2, 1, 3, 4, 5]) come(`192.0.2.${host}:2`);
  expect(gone).toEqual(["192.0.2.2:2 too many at once"]);
});
