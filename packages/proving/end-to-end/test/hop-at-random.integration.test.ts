import { each } from "@sallyport/bots";
import { Credentials } from "@sallyport/sdk";
import { until } from "@sallyport/testkit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { crowd } from "./cluster/crowd.ts";
import { LockWatch } from "./cluster/lock-watch.ts";
import type { TestAccount } from "./cluster/test-cluster.ts";
import { beforeWarp, startTwoMaps } from "./cluster/two-maps.ts";
import { type Cut, logInAgain, provenWayIn, type Step, turn, Walker } from "./cluster/walker.ts";

/*
 * A hundred clients hop between two map-servers and disconnect at random points. Many clients are connected
 * at once. The test prints its seed. A run with this seed makes the same cuts, but what the servers do at the
 * moment of a cut depends on the machine.
 */

const count = 100;
const atOnce = 20;

const hop: readonly Step[] = ["hop", "reachMap", "enterMap"];

/**
 * A client hops `hops` times. In a step of the next hop, it is cut off after `turns` turns of the event loop.
 */
const anyTrip = fc.record({
  hops: fc.nat(3),
  step: fc.nat(hop.length - 1),
  turns: fc.nat(40),
  cut: fc.constantFrom<Cut>("close", "destroy"),
});
type Trip = typeof anyTrip extends fc.Arbitrary<infer T> ? T : never;

const seed = Number(process.env["HOP_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const trips = fc.sample(fc.array(anyTrip, { minLength: 1, maxLength: 3 }), { numRuns: count, seed });

test(`a hundred accounts that hop and disconnect at random are each in one place (HOP_SEED=${seed})`, async () => {
  const watch = new LockWatch();
  const cluster = await startTwoMaps({ stores: watch.stores });
  const credentials = new Credentials();
  const accounts = await crowd(cluster, count, beforeWarp);
  const cutAt = new Map<Step, number>();
  let hops = 0;

  async function goAndBeCut(account: TestAccount, trip: Trip): Promise<void> {
    const walker = new Walker(cluster, account, { credentials });
    await logInAgain(walker, { way: provenWayIn });
    for (let hopped = 0; hopped < trip.hops; hopped += 1) {
      await walker.go(...hop);
      hops += 1;
    }
    await walker.go(...hop.slice(0, trip.step));
    const step = hop[trip.step] as Step;
    const unanswered = walker.steps[step]();
    for (let turned = 0; turned < trip.turns; turned += 1) await turn();
    walker.cut(trip.cut);
    cutAt.set(step, (cutAt.get(step) ?? 0) + 1);
    await unanswered;
  }

  await each([...accounts.entries()], atOnce, async ([index, account]) => {
    for (const trip of trips[index] ?? []) await goAndBeCut(account, trip);
  });
  // The run proves something only if many clients hopped to and fro, and were cut at each step.
  expect(hops).toBeGreaterThan(count);
  expect([...cutAt.keys()].sort()).toEqual([...hop].sort());

  const back = accounts.map((account) => new Walker(cluster, account, { credentials }));
  await each(back, atOnce, (walker) => logInAgain(walker, { way: provenWayIn }));
  expect(back.filter(({ ended }) => ended !== null).map(({ account }) => account.name)).toEqual([]);
  const servers = [cluster.mapServer("map-1"), cluster.mapServer("map-2")];
  for (const walker of back) {
    const owners = servers.filter(({ charIds }) => charIds.includes(walker.charId));
    expect(owners).toEqual([walker.position.map === beforeWarp.map ? servers[0] : servers[1]]);
  }
  expect(servers.map(({ playerCount }) => playerCount).reduce((sum, players) => sum + players)).toBe(count);
  await each(back, atOnce, (walker) => walker.go(...hop));
  await each(back, atOnce, (walker) => walker.go("leave"));
  await until(() => back.every(({ ticket: { accountId } }) => watch.of(accountId).character === null), {
    what: "no character lock is left",
  });
  await until(() => back.every(({ ticket: { accountId } }) => watch.of(accountId).account === null), {
    what: "no account lock is left",
  });
  expect(watch.broken).toEqual([]);
  await until(() => servers.every(({ playerCount }) => playerCount === 0), { what: "no player is left" });
  await cluster.stop();
});
