import { until } from "@sallyport/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Gate, type Place } from "./cluster/gate.ts";
import {
  askedOfStores,
  backAtDoor,
  choosing,
  type Frees,
  playing,
  toChar,
  toMap,
  walking,
} from "./cluster/hop.ts";
import { SocketPairs } from "./cluster/socket-pairs.ts";
import { type TestAccount, TestCluster } from "./cluster/test-cluster.ts";
import { logInAgain, type Step, Walker } from "./cluster/walker.ts";

/*
 * A client disconnects at every step of the hop, and at every point at which a server is busy with the step.
 * In some tests the client does not come back, and the locks end by themselves. In the other tests the
 * account logs in again at once, while the server may still be busy with the earlier request.
 */

/**
 * The timers differ so much that the end of a lock shows which timer ended it. All other timers are too long
 * to matter.
 */
const timing = {
  loginToCharMs: 20_000,
  charToMapMs: 40_000,
  mapToCharMs: 60_000,
  chooseMs: 100_000_000,
  evictMs: 10_000_000,
  leaseMs: 6_000_000_000,
};

interface CutPoint {
  /** The steps that were answered before the cut. */
  readonly steps: readonly Step[];
  /** The step that gets no answer, and the point that the server has reached. */
  readonly during?: { readonly step: Step; readonly place: Place; readonly what: string };
  readonly frees: Frees;
}

const answered = (steps: readonly Step[], frees: Frees): CutPoint => ({ steps, frees });

const cutPoints: readonly CutPoint[] = [
  answered(["reachLogin"], "the server"),
  answered(["reachLogin", "logIn"], "loginToCharMs"),
  answered(["reachLogin", "prove"], "loginToCharMs"),
  answered(toChar, "loginToCharMs"),
  answered(choosing, "the server"),
  answered([...choosing, "choose"], "charToMapMs"),
  answered(toMap, "charToMapMs"),
  answered(playing, "the server"),
  answered(walking, "the server"),
  answered([...walking, "leave"], "the server"),
  answered([...walking, "goBack"], "mapToCharMs"),
  answered(backAtDoor, "mapToCharMs"),
  answered([...backAtDoor, "enterChar"], "the server"),
  ...askedOfStores.flatMap(({ steps, step, what, frees }) =>
    (["before", "after"] as const).map((place) => ({ steps, during: { step, place, what }, frees })),
  ),
];

const nameOf = ({ steps, during }: CutPoint): string =>
  during === undefined
    ? `after ${steps.join(", ")}`
    : `while ${during.step}, ${steps.length} steps in, is ${during.place} ${during.what}`;

const carriers = [
  { carrier: "memory", cut: "close" },
  { carrier: "TCP", cut: "destroy" },
] as const;

describe.each(carriers)("a client that disconnects by $cut over $carrier", ({ carrier, cut }) => {
  const gate = new Gate();
  const accounts: TestAccount[] = [];
  let cluster: TestCluster;
  let pairs: SocketPairs | undefined;
  let asked = 0;
  let sweeps = 0;
  beforeAll(async () => {
    if (carrier === "TCP") pairs = await SocketPairs.overTcp();
    cluster = await TestCluster.start({
      timing,
      ...(pairs && { pair: pairs.pair }),
      around: async (what, run) => {
        asked += 1;
        const value = await gate.around(what, run);
        if (/due$/.test(what)) sweeps += 1;
        return value;
      },
    });
    for (const _ of cutPoints) accounts.push(await cluster.account());
  });
  afterAll(async () => {
    await cluster.stop();
    await pairs?.close();
  });

  /** Goes to the cut point and disconnects. Returns a function that lets the server continue. */
  async function cutAt(walker: Walker, { steps, during }: CutPoint): Promise<() => void> {
    await walker.go(...steps);
    if (during === undefined) {
      walker.cut(cut);
      await seenToGo();
      return () => {};
    }
    // The new position of the character must be saved when it leaves.
    if (during.what === "character-save-many") await walker.hasMoved();
    const hold = gate.hold(during.place, during.what);
    const unanswered = walker.steps[during.step]();
    await hold.reached();
    walker.cut(cut);
    await unanswered;
    await seenToGo();
    return () => hold.open();
  }

  const seenToGo = () =>
    until(() => cluster.login.clientCount + cluster.char.clientCount === 0, {
      what: "the server sees that the client is gone",
    });

  const hasLock = async ({ ticket: { accountId } }: Walker): Promise<boolean> =>
    (await cluster.accountLock({ accountId })) !== null ||
    (await cluster.characterLock({ accountId })) !== null;

  /** Waits until no server has sent a request to a store for a while. */
  async function calm(): Promise<void> {
    let before = asked;
    let quietChecks = 0;
    await until(
      () => {
        quietChecks = asked === before ? quietChecks + 1 : 0;
        before = asked;
        return quietChecks === 5;
      },
      { what: "the servers are calm" },
    );
  }

  /** Waits until the present sweeps are over, and then for one more sweep of each tier. */
  async function swept(): Promise<void> {
    const before = sweeps;
    await until(() => sweeps >= before + 4, { what: "locks are swept" });
  }

  const rows = cutPoints.map((point, index) => [nameOf(point), point, index] as const);
  const busyRows = rows.filter(([, { during }]) => during !== undefined);

  test.each(rows)("logs in again at once %s", async (_name, point, index) => {
    const account = accounts[index] as TestAccount;
    const letGo = await cutAt(new Walker(cluster, account), point);
    const back = new Walker(cluster, account);
    const comesBack = logInAgain(back);
    letGo();
    await comesBack;
    await back.go("leave");
    await cluster.untilFree(back.ticket);
  });

  test.each(busyRows)("is not disturbed by its earlier requests, %s", async (_name, point, index) => {
    const account = accounts[index] as TestAccount;
    const letGo = await cutAt(new Walker(cluster, account), point);
    const back = new Walker(cluster, account);
    // If the server that the gate holds up has the character, only the evict timer frees the lock.
    await logInAgain(back, { beforeEach: () => cluster.push(timing.evictMs / 10) });
    letGo();
    await calm();
    expect(back.ended).toBeNull();
    await back.go("say", "leave");
    await cluster.untilFree(back.ticket);
  });

  test.each(busyRows.filter(([, { steps }]) => steps.length === 1))(
    "may continue with the login ids that it got meanwhile, %s",
    async (_name, point, index) => {
      const account = accounts[index] as TestAccount;
      const letGo = await cutAt(new Walker(cluster, account), point);
      const back = new Walker(cluster, account);
      await back.go("reachLogin", "logIn");
      letGo();
      await calm();
      await back.go("reachChar", "enterChar", "choose", "reachMap", "enterMap", "leave");
      await cluster.untilFree(back.ticket);
    },
  );

  test("leaves no lock that outlives the timer of its step or ends long before it", async () => {
    const cuts: { name: string; frees: Frees; walker: Walker }[] = [];
    for (const [name, point, index] of rows) {
      const walker = new Walker(cluster, accounts[index] as TestAccount);
      const letGo = await cutAt(walker, point);
      letGo();
      // Before a login it is not known which locks to check.
      if (point.steps.length === 1) continue;
      cuts.push({ name, frees: point.frees, walker });
      if (point.frees === "the server") await cluster.untilFree(walker.ticket);
    }
    await calm();
    const locked = async (): Promise<string[]> => {
      const have = await Promise.all(cuts.map(({ walker }) => hasLock(walker)));
      return cuts.filter((_, index) => have[index]).map(({ name }) => name);
    };
    const thatEndBy = (...timers: Frees[]): string[] =>
      cuts.filter(({ frees }) => timers.includes(frees)).map(({ name }) => name);

    cluster.push(timing.loginToCharMs / 2);
    await swept();
    expect(await locked()).toEqual(thatEndBy("loginToCharMs", "charToMapMs", "mapToCharMs"));
    cluster.push(timing.loginToCharMs / 2);
    await swept();
    expect(await locked()).toEqual(thatEndBy("charToMapMs", "mapToCharMs"));
    cluster.push(timing.charToMapMs - timing.loginToCharMs);
    await swept();
    expect(await locked()).toEqual(thatEndBy("mapToCharMs"));
    cluster.push(timing.mapToCharMs - timing.charToMapMs);
    await swept();
    expect(await locked()).toEqual([]);
    await until(() => cluster.mapServer().playerCount === 0, { what: "no player is left" });
  });
});
