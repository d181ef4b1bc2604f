import { until } from "@sallyport/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Fault } from "./cluster/fault.ts";
import { type AskedOfStore, askedOfStores, backAtDoor, choosing, walking } from "./cluster/hop.ts";
import { type TestAccount, TestCluster } from "./cluster/test-cluster.ts";
import { logInAgain, Walker } from "./cluster/walker.ts";

/*
 * A client goes into the world and out. In each test, Redis or Postgres does not answer one request of a
 * server on the way. The request may or may not have been carried out. The client is told that the server
 * cannot answer, and no account is stuck.
 */

/** No client that logs in again can wait for a timer: the timers are too long, or do not advance. */
const timing = {
  loginToCharMs: 40_000,
  // A map-server measures this time by its own clock, and waits twice as long.
  charToMapMs: 2_000,
  handOverMs: 1_000,
  mapToCharMs: 40_000,
  chooseMs: 100_000_000,
  evictMs: 10_000_000,
  leaseMs: 6_000_000_000,
};
const answerMs = 8_000;

const fault = new Fault();
const accounts: TestAccount[] = [];
let cluster: TestCluster;
beforeAll(async () => {
  cluster = await TestCluster.start({ timing, around: fault.around });
  for (const _ of rows) accounts.push(await cluster.account());
});
afterAll(() => cluster.stop());

/** In these cases, a lock becomes free without a command of a client. */
const endings = [
  { what: "world.free", steps: choosing, ends: "a client leaves character select", end: cut },
  { what: "world.free", steps: walking, ends: "a client that plays is cut off", end: cut },
  { what: "login.free", steps: walking, ends: "a client that plays is cut off", end: cut },
  {
    what: "login.free",
    steps: ["reachLogin", "logIn"],
    ends: "no client comes to the char-server",
    end: timeUp,
  },
  {
    what: "world.free",
    steps: [...choosing, "choose"],
    ends: "no client comes to the map-server",
    end: timeUp,
  },
  { what: "world.free", steps: [...walking, "goBack"], ends: "no client comes back from it", end: timeUp },
  { what: "world.free", steps: choosing, ends: "a second login wants the account", end: logInElsewhere },
  { what: "world.free", steps: walking, ends: "a second login wants the account", end: logInElsewhere },
] as const;

function cut(walker: Walker): void {
  walker.cut("close");
}
function timeUp(): void {
  cluster.push(timing.loginToCharMs);
}
async function logInElsewhere({ account }: Walker): Promise<void> {
  const other = new Walker(cluster, account);
  await other.go("reachLogin");
  await other.steps.logIn();
  other.cut("close");
}

/** In these steps, a server reads a lock, because its decision changes nothing. */
const reading: readonly Omit<AskedOfStore, "frees">[] = [
  { steps: ["reachLogin"], step: "logIn", what: "login.load" },
  { steps: backAtDoor, step: "enterChar", what: "login.load" },
];

const rows = [...askedOfStores, ...reading].map((asked, index) => {
  const name = `${asked.step}, ${asked.steps.length} steps in, asks for ${asked.what}`;
  return [name, asked, index] as const;
});

describe.each(["before", "after"] as const)("if no answer comes %s the store acts, as", (place) => {
  test.each(rows)("%s", async (_name, { steps, step, what }, index) => {
    const account = accounts[index] as TestAccount;
    const walker = new Walker(cluster, account);
    await walker.go(...steps);
    if (what === "character-save-many") await walker.hasMoved();
    const startedMs = performance.now();
    fault.next(place, what);
    const answer = await walker.steps[step]();
    expect(fault.hasHappened).toBe(true);
    expect(performance.now() - startedMs).toBeLessThan(answerMs);
    if (step === "choose" || what === "character-list") {
      expect(answer).toMatchObject({ refusal: "unavailable" });
      expect(await walker.steps[step]()).toMatchObject({ ok: true });
    }
    walker.cut("close");

    const back = new Walker(cluster, account);
    await logInAgain(back);
    await back.go("say", "leave");
    await cluster.untilFree(back.ticket);
  });

  test("any of this happens, no lock outlives its timer", async () => {
    const walkers: Walker[] = [];
    for (const [, { steps, step, what }, index] of rows) {
      const walker = new Walker(cluster, accounts[index] as TestAccount);
      await walker.go(...steps);
      if (what === "character-save-many") await walker.hasMoved();
      fault.next(place, what);
      await walker.steps[step]();
      walker.cut("close");
      if (steps.length > 1) walkers.push(walker);
    }
    await until(() => cluster.login.clientCount + cluster.char.clientCount === 0, { what: "all are gone" });
    cluster.push(timing.chooseMs);
    for (const walker of walkers) await cluster.untilFree(walker.ticket);
    await until(() => cluster.mapServer().playerCount === 0, { what: "no player is left on the map" });
  });

  const endingRows = endings.map((ending) => [`${ending.ends} and ${ending.what} is lost`, ending] as const);

  test.each(endingRows)("%s, no lock stays for ever", async (_name, { what, steps, end }) => {
    const walker = new Walker(cluster, accounts[0] as TestAccount);
    await walker.go(...steps);
    fault.next(place, what);
    await end(walker);
    await until(() => fault.hasHappened, { what: `${what} is asked for` });
    walker.cut("close");
    await until(() => cluster.char.clientCount === 0, { what: "the client is gone" });
    cluster.push(timing.chooseMs);
    await cluster.untilFree(walker.ticket);
  });
});
