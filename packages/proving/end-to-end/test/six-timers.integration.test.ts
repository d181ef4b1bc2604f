import { hashCookie } from "@sallyport/cluster-protocol";
import { Fence, type LoginTicket } from "@sallyport/domain";
import { accountLockKey, characterLockKey, serverLockKey } from "@sallyport/lock-core";
import { must, type RunningRedis, startRedis, until } from "@sallyport/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { linkByHand } from "./cluster/linked-by-hand.ts";
import { redisStores } from "./cluster/redis-stores.ts";
import { endsAt, endsByItsDeadline, look, type Tier, untilFree } from "./cluster/stored-deadlines.ts";
import { TestCluster } from "./cluster/test-cluster.ts";
import { type Step, Walker, wayIn } from "./cluster/walker.ts";

/*
 * The six timers of the design, on Redis: what happens when the time is over, and that the timer is cancelled
 * when that for which it waits happens. All other timers are too long to matter.
 */

const long = 3_600_000;
const timing = {
  ...{ loginToCharMs: 4_000, reconnectMs: 5_000, charToMapMs: 6_500, reclaimMs: 8_000 },
  ...{ chooseMs: long, handOverMs: long, evictMs: long, mapToCharMs: long, leaseMs: long },
};

let redis: RunningRedis;
let cluster: TestCluster;
beforeEach(async () => {
  redis = await startRedis();
  cluster = await TestCluster.start({ stores: await redisStores(redis.url), timing });
});
afterEach(async () => {
  // A char-server that is stopped would wait for the last saves of players whose map-server is gone.
  cluster.kill("char");
  await cluster.stop();
  await redis.stop();
});

const atChoosing = ["reachLogin", "logIn", "reachChar", "enterChar"] as const;

async function walks(...steps: readonly Step[]): Promise<Walker> {
  const walker = new Walker(cluster, await cluster.account());
  await walker.go(...steps);
  return walker;
}

const accountOf = ({ ticket }: Walker): string => accountLockKey(ticket.accountId);
const characterOf = ({ ticket }: Walker): string => characterLockKey(ticket.accountId);

const nowOf = async (tier: Tier): Promise<number> =>
  (await look(cluster, tier, serverLockKey("nobody"))).nowMs;

/** Checks on the clock of the store that a timer has this length: it began after `fromMs`, and has begun. */
async function hasLength(
  endMs: number | undefined,
  { tier, fromMs, ms }: { readonly tier: Tier; readonly fromMs: number; readonly ms: number },
): Promise<void> {
  expect(endMs).toBeGreaterThanOrEqual(fromMs + ms);
  expect(endMs).toBeLessThanOrEqual((await nowOf(tier)) + ms);
}

const untilPast = (tier: Tier, endMs: number): Promise<unknown> =>
  until(async () => (await nowOf(tier)) > endMs, { what: "the time is over" });

describe("while a client moves from the login-server to the char-server,", () => {
  test("the account lock ends with its timer, and the char-server cannot authenticate the client", async () => {
    const late = await walks("reachLogin");
    const fromMs = await nowOf("login");
    await late.go("logIn");
    const { lock } = await look(cluster, "login", accountOf(late));
    await hasLength(lock?.deadlineMs, { tier: "login", fromMs, ms: timing.loginToCharMs });
    await endsByItsDeadline(cluster, "login", accountOf(late), "granted");
    await late.go("reachChar");
    expect(await late.steps.enterChar()).toMatchObject({ refusal: "not-logged-in" });
  });

  test("the timer is cancelled when the account lock is authenticated", async () => {
    const inTime = await walks("reachLogin", "logIn");
    const { lock } = await look(cluster, "login", accountOf(inTime));
    await inTime.go("reachChar", "enterChar");
    const held = await look(cluster, "login", accountOf(inTime));
    expect([held.lock?.state, held.lock?.deadlineMs]).toEqual(["held", undefined]);
    await untilPast("login", lock?.deadlineMs as number);
    await inTime.go("choose", "reachMap", "enterMap", "say");
  });
});

describe("while a client moves from the char-server to the map-server,", () => {
  test("the character lock ends with its timer, and the client cannot enter the map", async () => {
    const late = await walks(...atChoosing);
    const fromMs = await nowOf("world");
    await late.go("choose");
    const { lock } = await look(cluster, "world", characterOf(late));
    await hasLength(lock?.deadlineMs, { tier: "world", fromMs, ms: timing.charToMapMs });
    await endsByItsDeadline(cluster, "world", characterOf(late), "entering");
    await late.go("reachMap");
    expect(await late.steps.enterMap()).toMatchObject({ refusal: "not-expected" });
    await untilFree(cluster, "login", accountOf(late));
  });

  test("the timer is cancelled when the character lock is authenticated", async () => {
    const inTime = await walks(...atChoosing, "choose");
    const { lock } = await look(cluster, "world", characterOf(inTime));
    await inTime.go("reachMap", "enterMap");
    const playing = await look(cluster, "world", characterOf(inTime));
    expect([playing.lock?.state, playing.lock?.deadlineMs]).toEqual(["playing", undefined]);
    await untilPast("world", lock?.deadlineMs as number);
    await inTime.go("say");
  });
});

interface Held extends LoginTicket {
  readonly charId: Walker["charId"];
  readonly fence: Fence;
}

const heldBy = async (walker: Walker, tier: Tier, key: string): Promise<Held> => {
  const { lock } = await look(cluster, tier, key);
  const { fence, charFence } = lock as { fence?: Fence; charFence?: Fence };
  return { ...walker.ticket, charId: walker.charId, fence: charFence ?? fence ?? Fence(0) };
};

/** The two tiers of servers that link, and what each owns while clients are there. */
const servers = [
  {
    of: "char-server",
    server: "alpha",
    cookieOf: "char",
    tier: "login",
    state: "held",
    keyOf: accountOf,
    comeBack: async (cookie: Uint8Array | null) => {
      const { link, admitted } = await linkByHand(cluster, "char-server", { server: "alpha", cookie });
      return {
        admitted,
        reclaim: ({ fence, charId: _, ...ticket }: Held) => {
          const accounts = [{ ...ticket, accountFence: fence, trace: "" }];
          return link.ask({ type: "account.reclaim", accounts }, 5_000);
        },
      };
    },
  },
  {
    of: "map-server",
    server: "map-1",
    cookieOf: "map-1",
    tier: "world",
    state: "playing",
    keyOf: characterOf,
    comeBack: async (cookie: Uint8Array | null) => {
      const { link, admitted } = await linkByHand(cluster, "map-server", { server: "map-1", cookie });
      return {
        admitted,
        reclaim: ({ fence, ...of }: Held) => {
          const character = { ...of, charFence: fence, accountFence: Fence(1), trace: "", isPlaying: true };
          return link.ask({ type: "character.reclaim", characters: [character] }, 5_000);
        },
      };
    },
  },
] as const;

describe.each(servers)(
  "while a $of reconnects,",
  ({ of, server, cookieOf, tier, state, keyOf, comeBack }) => {
    const serverKey = serverLockKey(server);

    /** Two players come in, and the server is killed. Resolves to its cookie when it is away. */
    async function goesAway() {
      const players = [await walks(...wayIn), await walks(...wayIn)] as const;
      const cookie = cluster.cookies.get(cookieOf) ?? null;
      const held = [];
      for (const player of players) held.push(await heldBy(player, tier, keyOf(player)));
      const fromMs = await nowOf(tier);
      // Map-servers would go on with the characters of a char-server.
      cluster.kill({ map: "map-1" });
      if (of === "char-server") cluster.kill("char");
      await until(async () => (await look(cluster, tier, serverKey)).lock?.state === "away", {
        what: `the ${of} is away`,
      });
      return { players, held: held as [Held, Held], cookie, fromMs };
    }

    test("its server lock ends with its timer, and so do its locks: it cannot reconnect, and connects anew", async () => {
      const { players, cookie, fromMs } = await goesAway();
      const { lock } = await look(cluster, tier, serverKey);
      await hasLength(lock?.deadlineMs, { tier, fromMs, ms: timing.reconnectMs });
      for (const player of players)
        expect((await look(cluster, tier, keyOf(player))).lock).toMatchObject({ state });
      await Promise.all([
        endsByItsDeadline(cluster, tier, serverKey, "away"),
        ...players.map((player) => endsAt(cluster, tier, keyOf(player), lock?.deadlineMs as number)),
      ]);
      expect((await comeBack(cookie)).admitted).toMatchObject({ refusal: "cookie-unknown" });
      expect((await comeBack(null)).admitted).toMatchObject({ ok: true });
    });

    test("the timer is cancelled when it reconnects, and the timer to reclaim its locks begins", async () => {
      const { players, cookie } = await goesAway();
      const fromMs = await nowOf(tier);
      const back = must((await comeBack(cookie)).admitted);
      const { lock } = await look(cluster, tier, serverKey);
      await hasLength(lock?.reclaimDeadlineMs, { tier, fromMs, ms: timing.reclaimMs });
      expect(lock).toMatchObject({ state: "connected", cookieHash: hashCookie(back.cookie) });
      const endMs = lock?.reclaimDeadlineMs as number;
      // The time to reconnect is over before the time to reclaim.
      await Promise.all(players.map((player) => endsAt(cluster, tier, keyOf(player), endMs)));
      const { incarnation } = back;
      expect((await look(cluster, tier, serverKey)).lock).toMatchObject({ state: "connected", incarnation });
    });

    test("a lock that it does not reclaim ends with the reclaim timer, and one that it reclaims stays", async () => {
      const { players, held, cookie } = await goesAway();
      const { admitted, reclaim } = await comeBack(cookie);
      const { incarnation } = must(admitted);
      const reclaimMs = (await look(cluster, tier, serverKey)).lock?.reclaimDeadlineMs as number;
      expect(await reclaim(held[0])).toMatchObject({ ok: true, value: { lost: [] } });
      await endsAt(cluster, tier, keyOf(players[1]), reclaimMs);
      // The server lock no longer names the earlier incarnation: the timer is over for all locks.
      await until(async () => (await look(cluster, tier, serverKey)).lock?.reclaimDeadlineMs === undefined, {
        what: "the timer is over",
      });
      expect((await look(cluster, tier, keyOf(players[0]))).lock).toMatchObject({
        ...{ state, owner: { incarnation } },
      });
      expect(await reclaim(held[1])).toMatchObject({ ok: true, value: { lost: [held[1].accountId] } });
    });
  },
);
