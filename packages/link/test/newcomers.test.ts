import { beforeEach, describe, expect, test } from "vitest";
import { ManualClock } from "../../proving/testkit/src/manual-clock.ts";
import { addressOf } from "../src/addresses/client-address.ts";
import { Newcomers } from "../src/addresses/newcomers.ts";

let clock: ManualClock;
let newcomers: Newcomers;
let gone: string[];

beforeEach(() => {
  clock = new ManualClock();
  gone = [];
  newcomers = new Newcomers({ withinMs: 1_000, countMax: 4, perAddressMax: 3 }, clock);
});

const come = (remote: string): (() => void) =>
  newcomers.begin(addressOf(remote), (why) => void gone.push(`${remote} ${why}`));

describe("a newcomer", () => {
  test("must leave once, when its time is over", async () => {
    come("192.0.2.1:1");
    await clock.advance(999);
    expect(gone).toEqual([]);
    await clock.advance(5_000);
    expect(gone).toEqual(["192.0.2.1:1 took longer than 1000 ms"]);
    expect(newcomers.count).toBe(0);
  });

  test("that sends a command stays, and makes room", () => {
    const done = ["1", "2", "3"].map((port) => come(`192.0.2.1:${port}`));
    done[0]?.();
    done[0]?.();
    come("192.0.2.1:4");
    expect(gone).toEqual([]);
    expect(newcomers.count).toBe(3);
  });
});

test("beyond the bound of an address, its oldest newcomer must leave, and no other", () => {
  come("192.0.2.2:1");
  for (const port of ["1", "2", "3", "4"]) come(`192.0.2.1:${port}`);
  expect(gone).toEqual(["192.0.2.1:1 too many of one address at once"]);
});

test("beyond the total bound, the oldest newcomer of the address with most of them must leave", () => {
  come("192.0.2.2:1");
  for (const port of ["1", "2", "3"]) come(`192.0.2.1:${port}`);
  come("192.0.2.3:1");
  expect(gone).toEqual(["192.0.2.1:1 too many at once"]);
});

test("an address whose newcomers are all gone is forgotten, and its next one counts as new", () => {
  come("192.0.2.1:1")();
  for (const host of [2, 1, 3, 4, 5]) come(`192.0.2.${host}:2`);
  expect(gone).toEqual(["192.0.2.2:2 too many at once"]);
});
