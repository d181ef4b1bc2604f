import type { AccountId } from "@sallyport/domain";
import { accountLockKey, characterLockKey, serverLockKey } from "@sallyport/lock-core";
import { must, startRedis, until } from "@sallyport/testkit";
import { describe, expect, test } from "vitest";
import { BreakableLinks, isLinked, type LinkName, losses, untilBack } from "./cluster/breakable-links.ts";
import { choose, type Player, play, rowOf, ticketOf, untilEnded, walk } from "./cluster/player.ts";
import { redisStores } from "./cluster/redis-stores.ts";
import { SocketPairs } from "./cluster/socket-pairs.ts";
import { type TestAccount, TestCluster, type TestClusterOptions } from "./cluster/test-cluster.ts";
import { logInAgain, Walker } from "./cluster/walker.ts";

/*
 * A server loses its link or its process, comes back with its cookie, and keeps its locks. Each test has a cluster
 * of its own. The tests run at the same time, because they wait for timers.
 */

interface Scene {
  readonly cluster: TestCluster;
  readonly links: BreakableLinks;
  readonly account: TestAccount;
  /** The player of that account. */
  readonly player: Player;
}

function inScene(
  run: (scene: Scene) => Promise<void>,
  options: TestClusterOptions = {},
): () => Promise<void> {
  return async () => {
    const links = new BreakableLinks(options.pair);
    const cluster = await TestCluster.start({ autosaveMs: 200, ...options, pair: links.pair });
    try {
      const account = await cluster.account();
      await run({ cluster, links, account, player: await play(cluster, account) });
    } finally {
      await cluster.stop();
    }
  };
}

const ownerOf = async (cluster: TestCluster, tier: "login" | "world", { client }: Player) => {
  const accountId = client.ticket?.accountId as AccountId;
  const key = tier === "login" ? accountLockKey(accountId) : characterLockKey(accountId);
  const lock = (await cluster.lock(tier, key)) as { owner?: { incarnation: string } } | null;
  return lock?.owner?.incarnation;
};

async function untilSaved(cluster: TestCluster, { game }: Player): Promise<void> {
  const { x, y } = game.position;
  await until(
    async () => {
      const row = await rowOf(cluster, game.charId);
      return row.x === x && row.y === y;
    },
    { what: `${game.name} is saved at ${x},${y}` },
  );
}

/** The player leaves. Checks that a new login finds the character where the player left it. */
async function leavesAndReturns(cluster: TestCluster, account: TestAccount, player: Player): Promise<void> {
  const { position } = player.game;
  must(await player.game.leave());
  await cluster.untilFree(ticketOf(player));
  const again = await play(cluster, account);
  expect(again.game.position).toEqual(position);
  must(await again.game.leave());
}

const linkNames: readonly LinkName[] = ["char-server", "map-1"];

describe.concurrent.each(losses)("a link that $how", ({ lose }) => {
  test.each(linkNames)(
    "of %s disconnects no client, and saves from before and after are right",
    async (name) => {
      const pairs = await SocketPairs.overTcp();
      await inScene(
        async ({ cluster, links, account, player }) => {
          const other = await choose(cluster, await cluster.account());
          await walk(player, { x: 2 });
          await untilSaved(cluster, player);
          const before = await ownerOf(cluster, name === "map-1" ? "world" : "login", player);
          const back = untilBack(cluster, links, name);
          links.lose(name, lose);
          await walk(player, { x: 1 });
          await back;
          await walk(player, { x: 1 });
          await untilSaved(cluster, player);
          // A new incarnation of the same server owns the same login and the same character.
          const after = await ownerOf(cluster, name === "map-1" ? "world" : "login", player);
          expect([before, after]).toEqual([expect.any(String), expect.any(String)]);
          expect(after).not.toBe(before);
          expect([player.ended(), other.ended()]).toEqual([null, null]);
          expect((await rowOf(cluster, player.game.charId)).fence).toBe(1);
          const chosen = must(await other.select.choose(other.character.charId));
          must(await chosen.leave());
          await leavesAndReturns(cluster, account, player);
        },
        { pair: pairs.pair },
      )();
      await pairs.close();
    },
  );
});

describe.concurrent("while a link is down,", () => {
  test(
    "the world continues without the login-server, and new logins are asked to come again",
    inScene(async ({ cluster, links, account, player }) => {
      const chooser = await choose(cluster, await cluster.account());
      const late = new Walker(cluster, await cluster.account());
      await late.go("reachLogin", "logIn", "reachChar");
      links.break("char-server");
      await until(() => !cluster.char.isLinked, { what: "the link is gone" });
      expect(await late.steps.enterChar()).toMatchObject({ refusal: "unavailable", retryAfterMs: 1_000 });
      const game = must(await chooser.select.choose(chooser.character.charId));
      await walk(player, { x: 2 });
      await untilSaved(cluster, player);
      must(await game.leave());
      links.mend("char-server");
      await until(() => cluster.char.isLinked, { what: "it is back" });
      // The locks that clients gave up are free now. The player still has its lock.
      await cluster.untilFree(ticketOf(chooser));
      expect(await cluster.accountLock(ticketOf(player))).toMatchObject({
        state: "held",
      });
      expect(await late.steps.enterChar()).toMatchObject({ ok: true });
      late.cut("close");
      await leavesAndReturns(cluster, account, player);
    }),
  );

  test(
    "a client that leaves a map is saved and gone when the link is back, and walking players are saved then",
    inScene(async ({ cluster, links, account, player }) => {
      const other = await cluster.account();
      const stays = await play(cluster, other);
      links.break("map-1");
      await until(() => !cluster.mapServer().isLinked, { what: "the link is gone" });
      await walk(player, { x: 3 });
      await walk(stays, { x: 2 });
      const { position } = player.game;
      const left = player.game.leave();
      expect(await cluster.characterLock(ticketOf(player))).toMatchObject({
        state: "playing",
      });
      links.mend("map-1");
      must(await left);
      expect(await rowOf(cluster, player.game.charId)).toMatchObject(position);
      await cluster.untilFree(ticketOf(player));
      await untilSaved(cluster, stays);
      await leavesAndReturns(cluster, other, stays);
      await leavesAndReturns(cluster, account, await play(cluster, account));
    }),
  );

  test(
    "a login still takes the account over: the kick that was lost with the link is repeated",
    inScene(
      async ({ cluster, links, account, player }) => {
        links.break("map-1");
        await until(() => !cluster.mapServer().isLinked, { what: "the link is gone" });
        await walk(player, { x: 3 });
        const { position } = player.game;
        const newer = play(cluster, account);
        const key = characterLockKey(ticketOf(player).accountId);
        const isAsked = async () => (await cluster.lock("world", key))?.state === "evicting";
        await until(isAsked, { what: "the map-server is asked without success" });
        expect(player.ended()).toBeNull();
        links.mend("map-1");
        expect(await untilEnded(player)).toBe("logged-in-elsewhere");
        // The older client was saved before it left, so nothing is lost.
        expect((await newer).game.position).toEqual(position);
      },
      { secondLogin: "takeover" },
    ),
  );

  test(
    "a newer login waits for the evict timer at most, and late saves of the old owner are refused",
    inScene(
      async ({ cluster, links, account, player }) => {
        links.break("map-1");
        await until(() => !cluster.mapServer().isLinked, { what: "the link is gone" });
        await walk(player, { x: 3 });
        const { client, select, character, ended } = await choose(cluster, account);
        // The map stays with map-1 as long as map-1 may come back.
        expect(await select.choose(character.charId)).toMatchObject({ refusal: "map-unavailable" });
        links.mend("map-1");
        expect(await untilEnded(player)).toBe("lock-lost");
        const newer = { client, ended, game: must(await select.choose(character.charId)) };
        await walk(newer, { x: 1 });
        expect(newer.game.position.x).toBe(player.game.position.x - 2);
        await untilSaved(cluster, newer);
        expect(newer.game.isOpen).toBe(true);
        await leavesAndReturns(cluster, account, newer);
      },
      { secondLogin: "takeover", timing: { evictMs: 600 } },
    ),
  );
});

describe.concurrent("a server that is away for longer than its timer", () => {
  // A server relies on its locks for 98 % of this time. The rest is what the test has to see them in.
  const timing = { reconnectMs: 8_000, reclaimMs: 8_000, leaseMs: 1_000 };

  test.each([
    ["map-1", "world", serverLockKey("map-1")],
    ["char-server", "login", serverLockKey("alpha")],
  ] as const)(
    "%s drops all clients before its locks are given away, and all can log in again",
    async (name, tier, key) => {
      await inScene(
        async ({ cluster, links, account, player }) => {
          await walk(player, { x: 2 });
          await untilSaved(cluster, player);
          links.break(name);
          const heldBy = await ownerOf(cluster, tier, player);
          await until(() => player.ended() !== null, { what: "the player is disconnected" });
          expect(player.ended()).toBe("cluster-link-lost");
          expect(await cluster.lock(tier, key)).toMatchObject({ state: "away", incarnation: heldBy });
          expect(isLinked(cluster, name)).toBe(false);
          await until(async () => (await cluster.lock(tier, key)) === null, { what: "it is given up" });
          await cluster.untilFree(ticketOf(player));
          links.mend(name);
          const again = new Walker(cluster, account);
          await logInAgain(again);
          expect(again.position).toMatchObject({ x: player.game.position.x });
          await again.go("leave");
          await cluster.untilFree(again.ticket);
        },
        { timing },
      )();
    },
  );
});

test.concurrent(
  "when every login-server is away for longer than the timer, all players are saved and disconnected",
  inScene(
    async ({ cluster, account, player }) => {
      const chooser = await choose(cluster, await cluster.account());
      const enteredAt = (await rowOf(cluster, player.game.charId)).x;
      await walk(player, { x: 3 });
      expect((await rowOf(cluster, player.game.charId)).x).toBe(enteredAt);
      cluster.kill("login");
      await until(() => player.ended() !== null && chooser.ended() !== null, {
        what: "both are disconnected",
      });
      expect([player.ended(), chooser.ended()]).toEqual(["cluster-link-lost", "cluster-link-lost"]);
      const { x, y } = player.game.position;
      expect(x).toBe(enteredAt + 3);
      expect(await rowOf(cluster, player.game.charId)).toMatchObject({ x, y });
      cluster.startLogin();
      const again = new Walker(cluster, account);
      await logInAgain(again);
      expect(again.position).toMatchObject({ x, y });
      await again.go("leave");
      await cluster.untilFree(again.ticket);
    },
    // Players are saved only when they leave.
    { timing: { reconnectMs: 3_000, reclaimMs: 3_000, leaseMs: 1_000 }, autosaveMs: 600_000 },
  ),
);

describe.concurrent("a second drop in the middle of reclaiming", () => {
  test("costs no more than the first one", async () => {
    let stopsAt = Number.POSITIVE_INFINITY;
    let reclaimed = 0;
    let cut = (): void => {};
    await inScene(
      async ({ cluster, links, account, player }) => {
        const others = await Promise.all([1, 2, 3].map(async () => play(cluster, await cluster.account())));
        await walk(player, { x: 2 });
        cut = () => links.lose("map-1");
        [reclaimed, stopsAt] = [0, 2];
        links.lose("map-1");
        await until(() => reclaimed >= 4 && cluster.mapServer().isLinked, { what: "it is back" });
        expect([player, ...others].map(({ ended }) => ended())).toEqual([null, null, null, null]);
        await until(
          async () => !("earlier" in ((await cluster.lock("world", serverLockKey("map-1"))) ?? {})),
          {
            what: "it says that it has everything",
          },
        );
        const owners = await Promise.all([player, ...others].map((each) => ownerOf(cluster, "world", each)));
        const now = (await cluster.lock("world", serverLockKey("map-1"))) as unknown as {
          incarnation: string;
        };
        expect(new Set(owners)).toEqual(new Set([now.incarnation]));
        expect(links.countOf("map-1")).toBe(3);
        await leavesAndReturns(cluster, account, player);
      },
      {
        around: async (what, run) => {
          const done = await run();
          if (what === "world.playing" && (reclaimed += 1) === stopsAt) cut();
          return done;
        },
      },
    )();
  });
});

const inMemory = { options: {}, close: async () => {} };
async function onRedis() {
  const redis = await startRedis();
  return { options: { stores: await redisStores(redis.url) }, close: () => redis.stop() };
}

describe.concurrent.each([
  ["a store that is kept", async () => inMemory],
  ["Redis", onRedis],
] as const)("a server that is killed and started again, on %s,", (_store, open) => {
  const start = async (run: (scene: Scene) => Promise<void>): Promise<void> => {
    const { options, close } = await open();
    try {
      await inScene(run, options)();
    } finally {
      await close();
    }
  };

  test("if it is the char-server, disturbs no player on a map, and choosing clients may choose again", () =>
    start(async ({ cluster, account, player }) => {
      const choosing = new Walker(cluster, await cluster.account());
      await choosing.go("reachLogin", "logIn", "reachChar", "enterChar");
      const other = await cluster.account();
      const leaver = await play(cluster, other);
      await walk(player, { x: 2 });
      await untilSaved(cluster, player);
      cluster.kill("char");
      await walk(player, { x: 1 });
      const left = leaver.game.leave();
      await cluster.startChar();
      await until(() => cluster.mapServer().isLinked, { what: "the map-server is back" });
      await walk(player, { x: 1 });
      await untilSaved(cluster, player);
      expect(player.ended()).toBeNull();
      must(await left);
      await cluster.untilFree(ticketOf(leaver));
      // The client uses the same ids, without a new login.
      await choosing.go("reachChar", "enterChar", "choose", "reachMap", "enterMap", "leave");
      await cluster.untilFree(choosing.ticket);
      await leavesAndReturns(cluster, account, player);
      await leavesAndReturns(cluster, other, await play(cluster, other));
    }));

  test("if it is the login-server, disturbs no client, and readmits the char-server when its lease is over", () =>
    start(async ({ cluster, links, account, player }) => {
      const chooser = await choose(cluster, await cluster.account());
      await walk(player, { x: 2 });
      const back = untilBack(cluster, links, "char-server");
      cluster.kill("login");
      cluster.startLogin();
      await walk(player, { x: 1 });
      await back;
      await walk(player, { x: 1 });
      await untilSaved(cluster, player);
      expect([player.ended(), chooser.ended()]).toEqual([null, null]);
      must(await must(await chooser.select.choose(chooser.character.charId)).leave());
      await cluster.untilFree(ticketOf(chooser));
      await leavesAndReturns(cluster, account, player);
    }));

  test("if it is a map-server, gets its players back at once, where they were last saved", () =>
    start(async ({ cluster, account, player }) => {
      await walk(player, { x: 2 });
      await untilSaved(cluster, player);
      const { position } = player.game;
      cluster.kill({ map: "map-1" });
      expect(await untilEnded(player)).toBe("disconnected");
      await cluster.startMap("map-1");
      // The lock becomes free long before any timer is over, and without a request to the owner.
      await cluster.untilFree(ticketOf(player));
      const again = await play(cluster, account);
      expect(again.game.position).toEqual(position);
      await leavesAndReturns(cluster, account, again);
    }));

  test("if it is all of them, loses only the players on maps, who are admitted again at once", () =>
    start(async ({ cluster, account, player }) => {
      await walk(player, { x: 2 });
      await untilSaved(cluster, player);
      for (const server of ["login", "char", { map: "map-1" }] as const) cluster.kill(server);
      cluster.startLogin();
      await cluster.startChar();
      await cluster.startMap("map-1");
      const again = new Walker(cluster, account);
      await logInAgain(again);
      expect(again.position).toMatchObject({ x: player.game.position.x });
      await again.go("leave");
      await cluster.untilFree(again.ticket);
    }));
});
