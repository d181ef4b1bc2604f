import { each } from "@sallyport/bots";
import { lockKindOf } from "@sallyport/lock-core";
import { MemoryLockState, MemoryLockStore } from "@sallyport/lock-store";
import { Credentials } from "@sallyport/sdk";
import { until } from "@sallyport/testkit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { crowd, wideApart } from "./cluster/crowd.ts";
import { type TestAccount, TestCluster } from "./cluster/test-cluster.ts";
import { type Cut, logInAgain, provenWayIn, type Step, turn, Walker } from "./cluster/walker.ts";

/*
 * A thousand clients disconnect at random points, some of them several times. Many clients are connected at
 * once. The test prints its seed. A run with this seed makes the same cuts, but what the servers do at the
 * moment of a cut depends on the machine.
 */

const count = 1_000;
const atOnce = 64;

const way: readonly Step[] = [
  ...provenWayIn,
  "walk",
  "goBack",
  "reachChar",
  "enterChar",
  "choose",
  "reachMap",
  "enterMap",
  "leave",
];

/**
 * A client takes `steps` steps and begins the next one. After `turns` turns of the event loop, it is cut off.
 */
const anyTrip = fc.record({
  steps: fc.nat(way.length - 1),
  turns: fc.nat(12),
  cut: fc.constantFrom<Cut>("close", "destroy"),
  isRaw: fc.integer({ min: 0, max: 15 }).map((n) => n === 0),
});
type Trip = typeof anyTrip extends fc.Arbitrary<infer T> ? T : never;

const seed = Number(process.env["CUT_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const trips = fc.sample(fc.array(anyTrip, { minLength: 1, maxLength: 3 }), { numRuns: count, seed });

test(`none of a thousand accounts is stuck after random disconnects (CUT_SEED=${seed})`, async () => {
  const tiers = { login: new MemoryLockState(), world: new MemoryLockState() };
  const nowMs = (): number => performance.now();
  const cluster = await TestCluster.start({
    stores: {
      login: new MemoryLockStore({ nowMs, state: tiers.login }),
      world: new MemoryLockStore({ nowMs, state: tiers.world }),
    },
  });
  const credentials = new Credentials();
  const accounts = await crowd(cluster, count, ...(await wideApart(count)));
  const lockCount = (): number =>
    [...tiers.login.locks.keys(), ...tiers.world.locks.keys()].filter((key) => lockKindOf(key) !== "server")
      .length;
  const stoppedAt = new Map<Step, number>();

  async function goAndBeCut(account: TestAccount, { steps, turns, cut, isRaw }: Trip): Promise<void> {
    const walker = new Walker(cluster, account, { credentials });
    const stepAt = (index: number): Step => {
      const step = way[index] as Step;
      return isRaw && step === "prove" ? "logIn" : step;
    };
    for (let index = 0; index < steps; index += 1) {
      // The login of the previous trip may still be under way. It may delay this trip, or kick the client.
      if (!(await walker.steps[stepAt(index)]()).ok) return walker.cut(cut);
    }
    const unanswered = walker.steps[stepAt(steps)]();
    for (let turned = 0; turned < turns; turned += 1) await turn();
    walker.cut(cut);
    stoppedAt.set(way[steps] as Step, (stoppedAt.get(way[steps] as Step) ?? 0) + 1);
    await unanswered;
  }

  const indices = [...accounts.keys()];
  await each(indices, atOnce, async (index) => {
    for (const trip of trips[index] ?? []) await goAndBeCut(accounts[index] as TestAccount, trip);
  });
  // The run proves something only if clients stopped at every step.
  expect([...stoppedAt.keys()].sort()).toEqual([...new Set(way)].sort());

  const back = accounts.map((account) => new Walker(cluster, account, { credentials }));
  await each(back, atOnce, (walker) => logInAgain(walker, { way: provenWayIn }));
  expect(back.filter(({ ended }) => ended !== null).map(({ account }) => account.name)).toEqual([]);
  expect(cluster.mapServer().playerCount).toBe(count);
  expect(lockCount()).toBe(2 * count);

  await each(back, atOnce, (walker) => walker.go("leave"));
  await until(() => lockCount() === 0, { what: "no lock is left" });
  await until(() => cluster.mapServer().playerCount === 0, { what: "no player is left" });
  await cluster.stop();
});
