import type { LoginTicket } from "@sallyport/domain";
import { accountLockKey, characterLockKey, serverLockKey } from "@sallyport/lock-core";
import { must, type RunningRedis, startRedis, until } from "@sallyport/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Gate, type Hold } from "./cluster/gate.ts";
import { play, ticketOf, walk } from "./cluster/player.ts";
import { redisStores, remainsOfLocks } from "./cluster/redis-stores.ts";
import {
  endsAt,
  endsByItsDeadline,
  look,
  type Stored,
  type Tier,
  untilFree,
} from "./cluster/stored-deadlines.ts";
import { type TestAccount, TestCluster, type TestClusterOptions } from "./cluster/test-cluster.ts";
import { logInAgain, type Step, Walker, wayIn } from "./cluster/walker.ts";

/*
 * Every timer is a deadline in Redis: the next server of the tier carries out the timers of a killed server.
 * Messages that the killed server was about to send are lost.
 */

let redis: RunningRedis;
let cluster: TestCluster;
let isRunning = false;
beforeEach(async () => {
  redis = await startRedis();
});
afterEach(async () => {
  if (isRunning) await stop();
  await redis.stop();
});

async function start(options: TestClusterOptions): Promise<void> {
  cluster = await TestCluster.start({ stores: await redisStores(redis.url), ...options });
  isRunning = true;
}

async function stop(): Promise<void> {
  isRunning = false;
  await cluster.stop();
}

type Login = Pick<LoginTicket, "accountId">;
const accountOf = ({ accountId }: Login): string => accountLockKey(accountId);
const characterOf = ({ accountId }: Login): string => characterLockKey(accountId);

/** The servers may still be linking. Once they are linked, a login must succeed. */
async function playsOnceLinked(account: TestAccount): Promise<void> {
  await until(
    async () => {
      const answer = await cluster.client().logIn({ ...account, way: "raw" });
      return answer.ok || answer.refusal !== "no-world";
    },
    { what: "a world is open" },
  );
  // Shortly after a server is given up, its maps pass to other servers.
  const { game } = await until(() => play(cluster, account), { what: `${account.name} plays` });
  must(await game.leave());
}

async function walks(account: TestAccount, ...steps: readonly Step[]): Promise<Walker> {
  const walker = new Walker(cluster, account);
  await walker.go(...steps);
  return walker;
}

const accounts = async (count: number): Promise<TestAccount[]> => {
  const made: TestAccount[] = [];
  while (made.length < count) made.push(await cluster.account());
  return made;
};

const atChoosing = ["reachLogin", "logIn", "reachChar", "enterChar"] as const;

describe("a killed server's timers", () => {
  const far = 3_600_000;

  test("login-to-char and evict are carried out by the next login-server", async () => {
    const gate = new Gate();
    await start({ timing: { loginToCharMs: 4_000, evictMs: 5_000, leaseMs: far }, around: gate.around });
    const [account, other] = (await accounts(2)) as [TestAccount, TestAccount];
    const player = await play(cluster, account);
    await walk(player, { x: 2 });
    const lastSave = gate.hold("before", "character-save-many");
    const second = new Walker(cluster, account);
    await second.go("reachLogin");
    expect(await second.steps.logIn()).toMatchObject({ refusal: "already-online" });
    await lastSave.reached();
    const arriving = await walks(other, "reachLogin", "logIn");
    cluster.kill("login");
    cluster.startLogin();
    await Promise.all([
      endsByItsDeadline(cluster, "login", accountOf(arriving.ticket), "granted"),
      endsByItsDeadline(cluster, "login", accountOf(ticketOf(player)), "evicting"),
    ]);
    lastSave.open();
  });

  test("hand-over, evict, char-to-map, map-to-char and choose are carried out by the next char-server", async () => {
    const gate = new Gate();
    const timing = {
      handOverMs: 4_000,
      evictMs: 6_000,
      charToMapMs: 8_000,
      mapToCharMs: 9_000,
      chooseMs: 10_000,
      leaseMs: far,
      reconnectMs: 3_000,
    };
    await start({ timing, around: gate.around });
    const all = (await accounts(5)) as [TestAccount, TestAccount, TestAccount, TestAccount, TestAccount];
    const evicting = await play(cluster, all[0]);
    await walk(evicting, { x: 2 });
    const choosing = await walks(all[1], ...atChoosing);
    const returning = await walks(all[2], ...wayIn, "goBack");
    const entering = await walks(all[3], ...atChoosing, "choose");
    const handingOver = await walks(all[4], ...atChoosing);
    const holds = [gate.hold("before", "character-save-many"), gate.hold("before", "character-take")];
    const newer = new Walker(cluster, all[0]);
    await newer.go("reachLogin");
    expect(await newer.steps.logIn()).toMatchObject({ refusal: "already-online" });
    const chosen = handingOver.steps.choose();
    for (const hold of holds) await hold.reached();
    cluster.kill({ map: "map-1" });
    cluster.kill("char");
    for (const hold of holds) hold.open();
    await chosen;
    await cluster.startChar();
    await Promise.all([
      endsByItsDeadline(cluster, "world", characterOf(handingOver.ticket), "handing-over"),
      endsByItsDeadline(cluster, "world", characterOf(ticketOf(evicting)), "evicting"),
      endsByItsDeadline(cluster, "world", characterOf(entering.ticket), "entering"),
      endsByItsDeadline(cluster, "world", characterOf(returning.ticket), "returning"),
      endsByItsDeadline(cluster, "world", characterOf(choosing.ticket), "choosing"),
    ]);
    await cluster.startMap("map-1");
    for (const account of all) await playsOnceLinked(account);
  });
});

/**
 * These timers are short, so that a dead server is soon given up. They are longer than the time between two
 * sweeps.
 */
const timing = { leaseMs: 1_500, reconnectMs: 3_000 };

/** Returns the present server locks. */
async function lives(): Promise<readonly Stored[]> {
  const looked = await Promise.all([
    look(cluster, "login", serverLockKey("alpha")),
    look(cluster, "world", serverLockKey("map-1")),
  ]);
  return looked.flatMap(({ lock }) => lock ?? []);
}

/**
 * Checks that a server lock without renewal ends after its lease and the reconnect timer. The locks of its
 * server must end with it.
 */
async function endsWithItsServer(
  tier: Tier,
  { server, key, state }: { readonly server: string; readonly key: string; readonly state: string },
): Promise<void> {
  const { lock } = await look(cluster, tier, serverLockKey(server));
  expect(lock).toMatchObject({ deadlineMs: expect.any(Number) });
  // If the lease is already over, the reconnect timer runs.
  const endMs = (lock?.deadlineMs as number) + (lock?.state === "connected" ? timing.reconnectMs : 0);
  expect((await look(cluster, tier, key)).lock).toMatchObject({ state });
  await endsAt(cluster, tier, key, endMs);
}

/**
 * Waits until the server locks of the killed servers have run out. Then checks that Redis has only traces of
 * deleted locks. On a busy machine, a short lease may run out during the stop. Then a server lock stays until
 * its deadline.
 */
async function leavesNothing(killed: readonly Stored[]): Promise<void> {
  const ended = killed.map(({ incarnation }) => incarnation);
  await until(async () => !(await lives()).some(({ incarnation }) => ended.includes(incarnation)), {
    what: "the server locks from before are gone",
  });
  await stop();
  expect(await remainsOfLocks(redis.url, { butServers: true })).toEqual([]);
}

describe("a server lock that a killed server renewed ends by lease and reconnect timer, with its locks:", () => {
  test("that of a char-server, when the login-server was killed", async () => {
    await start({ timing });
    const [account, other] = (await accounts(2)) as [TestAccount, TestAccount];
    const playing = await walks(account, ...wayIn);
    const choosing = await walks(other, ...atChoosing);
    // No server comes back for these locks.
    cluster.kill("char");
    cluster.kill("login");
    const killed = await lives();
    cluster.startLogin();
    await Promise.all(
      [playing, choosing].map(({ ticket }) =>
        endsWithItsServer("login", { server: "alpha", key: accountOf(ticket), state: "held" }),
      ),
    );
    await cluster.startChar();
    // The characters have timers of their own, which do not matter here.
    for (const each of [account, other]) {
      const again = new Walker(cluster, each);
      await logInAgain(again);
      await again.go("leave");
    }
    await leavesNothing(killed);
  });

  test("that of a map-server, when the char-server was killed", async () => {
    await start({ timing });
    const [account, other] = (await accounts(2)) as [TestAccount, TestAccount];
    const playing = await walks(account, ...wayIn);
    const entering = await walks(other, ...atChoosing, "choose");
    cluster.kill({ map: "map-1" });
    cluster.kill("char");
    const killed = await lives();
    // No server comes back for these locks.
    cluster.cookies.clear();
    await Promise.all([
      cluster.startChar(),
      endsWithItsServer("world", { server: "map-1", key: characterOf(playing.ticket), state: "playing" }),
      endsWithItsServer("world", { server: "map-1", key: characterOf(entering.ticket), state: "entering" }),
    ]);
    await cluster.startMap("map-2");
    for (const each of [account, other]) await playsOnceLinked(each);
    await leavesNothing(killed);
  });

  test("those of all servers, when all were killed at once", async () => {
    await start({ timing });
    const [account] = (await accounts(1)) as [TestAccount];
    const { ticket } = await walks(account, ...wayIn);
    for (const server of ["login", "char", { map: "map-1" }] as const) cluster.kill(server);
    const killed = await lives();
    cluster.cookies.clear();
    cluster.startLogin();
    await Promise.all([
      cluster.startChar(),
      endsWithItsServer("login", { server: "alpha", key: accountOf(ticket), state: "held" }),
      endsWithItsServer("world", { server: "map-1", key: characterOf(ticket), state: "playing" }),
    ]);
    await cluster.startMap("map-1");
    await playsOnceLinked(account);
    await leavesNothing(killed);
  });
});

/**
 * The client takes `steps`, and then `step`, which changes a lock. `change` names this change. The server is
 * killed directly after the change, so that the message about the change is lost.
 */
type Interrupted = readonly [change: string, steps: readonly Step[], step: Step];
const kills: readonly (readonly ["login" | "char", readonly Interrupted[]])[] = [
  [
    "login",
    [
      ["login.free", wayIn, "leave"],
      ["login.granted", ["reachLogin"], "logIn"],
      ["login.held", ["reachLogin", "logIn", "reachChar"], "enterChar"],
    ],
  ],
  [
    "char",
    [
      ["world.free", wayIn, "leave"],
      ["world.returning", wayIn, "goBack"],
      ["world.playing", [...atChoosing, "choose", "reachMap"], "enterMap"],
      ["world.entering", atChoosing, "choose"],
      ["world.handing-over", atChoosing, "choose"],
      ["world.choosing", ["reachLogin", "logIn", "reachChar"], "enterChar"],
    ],
  ],
];

test.each(kills)(
  "no lock stays behind if a %s-server is killed between a change and the message about it",
  async (server, interrupted) => {
    const gate = new Gate();
    const clients = { loginToCharMs: 5_000, charToMapMs: 5_000, mapToCharMs: 5_000 };
    const servers = { chooseMs: 5_000, handOverMs: 4_000, evictMs: 4_000 };
    await start({ timing: { ...timing, ...clients, ...servers }, around: gate.around });
    const all = await accounts(interrupted.length);
    const asked: Promise<unknown>[] = [];
    const holds: Hold[] = [];
    for (const [index, [change, steps, step]] of interrupted.entries()) {
      const walker = await walks(all[index] as TestAccount, ...steps);
      const hold = gate.hold("after", change);
      asked.push(walker.steps[step]());
      await hold.reached();
      holds.push(hold);
    }
    cluster.kill(server);
    const killed = await lives();
    for (const hold of holds) hold.open();
    await Promise.all(asked);
    if (server === "login") cluster.startLogin();
    else {
      await cluster.startChar();
      await cluster.startMap("map-2");
    }
    for (const { name } of all) {
      const { accountId } = (await cluster.accounts.findByName(name)) as Login;
      await untilFree(cluster, "login", accountOf({ accountId }));
      await untilFree(cluster, "world", characterOf({ accountId }));
    }
    for (const account of all) await playsOnceLinked(account);
    await leavesNothing(server === "login" ? killed.slice(0, 1) : killed);
  },
);
