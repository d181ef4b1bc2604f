import { AccountId } from "@sallyport/domain";
import { type Metrics, noMetrics } from "@sallyport/server-kit";
import { ManualClock } from "@sallyport/testkit";
import { beforeEach, expect, test } from "vitest";
import { Crossings } from "../src/crossings.ts";

const [one, other] = [AccountId(1), AccountId(2)];
let clock: ManualClock;
let observed: unknown[];
let crossings: Crossings;
beforeEach(() => {
  clock = new ManualClock();
  observed = [];
  const observe: Metrics["observe"] = (name, labels, seconds) =>
    void observed.push([name, ...Object.values(labels), seconds]);
  crossings = new Crossings({ clock, metrics: { ...noMetrics, observe } }, 30_000);
});

test("a crossing is timed once, from the choice until the map-server has the character", async () => {
  crossings.begin(one, "char-select");
  await clock.advance(500);
  crossings.begin(other, "map-server");
  await clock.advance(1_000);
  for (const account of [one, other, one]) crossings.end(account);
  expect(observed).toEqual([
    ["enteringSeconds", "char-select", 1.5],
    ["enteringSeconds", "map-server", 1],
  ]);
});

test("a second choice starts a new measurement", async () => {
  crossings.begin(one, "char-select");
  await clock.advance(2_000);
  crossings.begin(one, "char-select");
  await clock.advance(250);
  crossings.end(one);
  expect(observed).toEqual([["enteringSeconds", "char-select", 0.25]]);
});

test("a client that never arrives is forgotten at the next crossing, and a later arrival does not time it", async () => {
  for (let account = 1; account <= 1_000; account += 1) crossings.begin(AccountId(account), "char-select");
  await clock.advance(30_001);
  crossings.begin(AccountId(5_000), "char-select");
  for (let account = 1; account <= 1_000; account += 1) crossings.end(AccountId(account));
  expect(observed).toEqual([]);
});
