import {
  charToLogin,
  charToMap,
  clusterProtocolVersion,
  loginToChar,
  mapToChar,
} from "@sallyport/cluster-protocol";
import { type AccountId, type Position, refused } from "@sallyport/domain";
import {
  type ByteChannel,
  type Handlers,
  interServerHeartbeat,
  interServerLimits,
  Link,
  systemClock,
} from "@sallyport/link";
import { connectTcp, listenTcp, type TcpListener } from "@sallyport/link/tcp";
import type { EndReason } from "@sallyport/sdk";
import { ServerLink } from "@sallyport/server-kit";
import { until } from "@sallyport/testkit";
import { MessageCodec, type MessageTable } from "@sallyport/wire";
import { describe, expect, test } from "vitest";
import { Logbook } from "./cluster/logbook.ts";
import { choose, type Player, play, rowOf, walk } from "./cluster/player.ts";
import { TcpPairs } from "./cluster/tcp-pairs.ts";
import {
  linkPassword,
  type TestAccount,
  TestCluster,
  type TestClusterOptions,
} from "./cluster/test-cluster.ts";
import { logInAgain, Walker, wayIn } from "./cluster/walker.ts";

/*
 * What holds the tiers together, over real sockets: who is let in, and what becomes of everybody when a link is lost.
 */

interface LinkDoor {
  readonly at: "login-server" | "char-server";
  readonly of: "char-server" | "map-server";
  readonly sends: MessageTable;
  readonly receives: MessageTable;
  /** The server that is linked there. */
  readonly linked: string;
  readonly accept: (cluster: TestCluster, channel: ByteChannel) => void;
  readonly stopLinked: (cluster: TestCluster) => Promise<void>;
  /** Means something once admitted. */
  readonly status: { readonly type: string; readonly players: number };
}

const linkDoors: readonly LinkDoor[] = [
  {
    at: "login-server",
    of: "char-server",
    sends: charToLogin,
    receives: loginToChar,
    linked: "alpha",
    accept: ({ login }, channel) => login.acceptCharServer(channel),
    stopLinked: ({ char }) => char.stop(),
    status: { type: "world.status", players: 1 },
  },
  {
    at: "char-server",
    of: "map-server",
    sends: mapToChar,
    receives: charToMap,
    linked: "map-1",
    accept: ({ char }, channel) => char.acceptMapServer(channel),
    stopLinked: (cluster) => cluster.mapServer().stop(),
    status: { type: "map-server.status", players: 1 },
  },
];

interface Scene {
  readonly cluster: TestCluster;
  /** What the servers of the cluster log. */
  readonly logbook: Logbook;
  readonly account: TestAccount;
  /** That account, in the world. */
  readonly player: Player;
}

/** Links and doors are sockets. */
function overTcp(
  run: (scene: Scene) => Promise<void>,
  options: TestClusterOptions = {},
): () => Promise<void> {
  return async () => {
    const pairs = await TcpPairs.open();
    const logbook = new Logbook();
    const cluster = await TestCluster.start({
      pair: pairs.pair,
      log: logbook.log,
      mapServers: [],
      ...options,
    });
    try {
      await cluster.startMap("map-1", { maps: ["harbour"] });
      const account = await cluster.account();
      await run({ cluster, logbook, account, player: await play(cluster, account) });
    } finally {
      await cluster.stop();
      await pairs.close();
    }
  };
}

/** A listening port of a server's link door. */
async function listen(cluster: TestCluster, door: LinkDoor): Promise<TcpListener> {
  return listenTcp({ host: "127.0.0.1", port: 0 }, (channel) => door.accept(cluster, channel));
}

/** Somebody at the link door who knows the protocol. */
async function stranger(cluster: TestCluster, door: LinkDoor) {
  const listener = await listen(cluster, door);
  const channel = await connectTcp(listener.address, 1_000);
  await listener.stop();
  let end: string | null = null;
  const link = new Link<MessageTable, MessageTable>({
    channel,
    sends: new MessageCodec(door.sends),
    receives: new MessageCodec(door.receives),
    handlers: {} as Handlers<MessageTable>,
    clock: systemClock,
    limits: interServerLimits,
    heartbeat: interServerHeartbeat,
    events: {
      closed: ({ type }) => {
        end = type;
      },
    },
  });
  const untilClosed = () => until(() => end, { what: "the other end closes the link" });
  return { channel, link, untilClosed };
}

/** A server that tries to link, as long as it is not stopped. */
function connecting(
  cluster: TestCluster,
  door: LinkDoor,
  credentials: { readonly username: string; readonly password: string },
  clock = systemClock,
) {
  const logbook = new Logbook();
  let isAdmitted = false;
  const server = new ServerLink<MessageTable, MessageTable>({
    to: door.at,
    connect: async () => {
      const listener = await listen(cluster, door);
      const channel = await connectTcp(listener.address, 1_000);
      await listener.stop();
      return channel;
    },
    sends: door.sends,
    receives: door.receives,
    handlers: {} as Handlers<MessageTable>,
    credentials: { server: door.linked, ...credentials },
    clock,
    random: () => 0,
    randomBytes: (count) => new Uint8Array(count).fill(1),
    log: logbook.log,
    admitted: async () => {
      isAdmitted = true;
      return true;
    },
    lost: () => {},
    failed: (error) => cluster.bugs.push(error),
  });
  void server.start();
  const untilTold = (text: string) => until(() => logbook.find(text), { what: `it logs "${text}"` });
  return { server, untilTold, isAdmitted: () => isAdmitted };
}

describe.concurrent.each(linkDoors)("where a $of links to the $at", (door) => {
  const { of, linked } = door;

  test.each([
    ["a wrong password", { username: "alpha", password: "guessed" }],
    ["a name that nobody has", { username: "nobody", password: linkPassword }],
  ])("%s is refused, which both ends log, and nobody inside notices", async (_, credentials) => {
    await overTcp(async ({ cluster, logbook, player }) => {
      const { server, untilTold, isAdmitted } = connecting(cluster, door, credentials);
      const told = await untilTold("cannot link; trying on");
      await server.stop();
      expect(told.why).toContain(`username ${credentials.username} or its password is wrong`);
      expect(isAdmitted()).toBe(false);
      const seen = await until(() => logbook.find(`no ${of} was admitted`), {
        what: "the refusal is logged",
      });
      expect(seen).toMatchObject({ level: 40, [of]: linked, why: "wrong-username-or-password" });
      expect(JSON.stringify(logbook.lines)).not.toContain("guessed");
      await walk(player, { x: 1 });
    })();
  });

  test(
    "a second one of the same name is refused while the first is linked, and let in when that has left",
    overTcp(async ({ cluster, player }) => {
      const { server, untilTold, isAdmitted } = connecting(cluster, door, {
        username: "alpha",
        password: linkPassword,
      });
      const told = await untilTold("cannot link; trying on");
      expect(told.why).toContain("a server of this name is connected");
      expect(isAdmitted()).toBe(false);
      await walk(player, { x: 1 });
      await door.stopLinked(cluster);
      await until(isAdmitted, { what: "the second one is let in" });
      await server.stop();
    }),
  );

  test(
    "another version of the protocol is refused, and the link is closed",
    overTcp(async ({ cluster, logbook, player }) => {
      const { link, untilClosed } = await stranger(cluster, door);
      const hello = { server: linked, username: "alpha", nonce: new Uint8Array(32) };
      const version = clusterProtocolVersion + 1;
      const asked = await link.ask({ type: "link.hello", version, ...hello } as never, 1_000);
      expect(asked).toMatchObject({ refusal: "version-unsupported" });
      expect(await untilClosed()).toBe("closed-there");
      expect(logbook.find(`no ${of} was admitted`)?.why).toBe("version-unsupported");
      await walk(player, { x: 1 });
    }),
  );

  test(
    "whoever says something else before the handshake is done loses that link, and nobody else theirs",
    overTcp(async ({ cluster, logbook, player }) => {
      const { link, untilClosed } = await stranger(cluster, door);
      link.notify(door.status);
      expect(await untilClosed()).toBe("closed-there");
      const why = logbook.find(`no ${of} was admitted`)?.why;
      expect(why).toBe(`sent nonsense: ${door.status.type}: sent before the handshake was done`);
      await walk(player, { x: 1 });
    }),
  );

  test(
    "whoever speaks no protocol at all loses that link, and nobody else theirs",
    overTcp(async ({ cluster, player }) => {
      const listener = await listen(cluster, door);
      const channel = await connectTcp(listener.address, 1_000);
      await listener.stop();
      let isClosed = false;
      channel.listen({
        bytes: () => {},
        closed: () => {
          isClosed = true;
        },
      });
      channel.send(Buffer.from("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
      await until(() => isClosed, { what: "the connection is closed" });
      await walk(player, { x: 1 });
    }),
  );

  test(
    "whoever only connects, and keeps the link alive, is not kept for ever",
    overTcp(async ({ cluster, logbook, player }) => {
      const { untilClosed } = await stranger(cluster, door);
      expect(await untilClosed()).toBe("closed-there");
      expect(logbook.find(`no ${of} was admitted`)?.why).toBe("did not prove itself in time");
      await walk(player, { x: 1 });
    }),
  );
});

/** Only the timer under test ends anything here, and only when the clock is pushed. */
const timing = { reconnectMs: 60_000, evictMs: 3_600_000, chooseMs: 3_600_000, leaseMs: 3_600_000 };

type Ends = readonly [ByteChannel, ByteChannel];

/** How a link may be lost, and who is first to know. */
const losses = [
  { how: "is cut at its own end", lose: ([near]: Ends) => near.destroy() },
  { how: "is cut at the other end", lose: ([, far]: Ends) => far.destroy() },
  {
    // As when a cable is pulled: either end goes on writing, and neither hears anything.
    how: "is still there, and carries nothing any more",
    lose: (ends: Ends) => {
      for (const end of ends) end.pause();
    },
  },
];

const newest = (links: readonly Ends[]): Ends => {
  const link = links.at(-1);
  if (link === undefined) throw new Error("there is no link");
  return link;
};

const accountOf = ({ client }: Pick<Player, "client">): { readonly accountId: AccountId } => {
  if (client.ticket === null) throw new Error("not logged in");
  return client.ticket;
};

/** A link that carries nothing is noticed only after eight seconds. */
const sentAway = ({ ended }: Pick<Player, "ended">): Promise<EndReason> =>
  until(ended, { what: "the connection is over", timeoutMs: 20_000 });

async function untilAway(cluster: TestCluster, tier: "login" | "world", server: string): Promise<void> {
  await until(async () => (await cluster.lock(tier, `server:${server}`))?.state === "away", {
    what: `the link of ${server} is seen to be lost`,
    timeoutMs: 20_000,
  });
}

describe.concurrent.each(losses)("a char-server whose link to the login-server $how", ({ lose }) => {
  test(
    "saves everybody and sends them away, and opens its world again when its timer is over",
    overTcp(
      async ({ cluster, account, player }) => {
        const other = await cluster.account();
        const chooser = await choose(cluster, other);
        // On the way from the map to the char-server, where nobody could be told.
        const between = new Walker(cluster, await cluster.account());
        await between.go(...wayIn, "goBack");
        await walk(player, { x: 3 });
        const { position } = player.game;

        lose(newest(cluster.loginLinks));
        expect(await sentAway(player)).toBe("cluster-link-lost");
        expect(await sentAway(chooser)).toBe("cluster-link-lost");
        expect(await rowOf(cluster, player.game.charId)).toMatchObject(position);
        const everybody = [accountOf(player), accountOf(chooser), between.ticket];
        for (const { accountId } of everybody) {
          const isFree = async () => (await cluster.lock("world", `character:${accountId}`)) === null;
          await until(isFree, { what: `the character of account ${accountId} is free` });
        }
        await untilAway(cluster, "login", "alpha");
        expect(await cluster.client().logIn({ ...account, way: "raw" })).toEqual(refused("no-world", 2_000));
        // Until then the lost life of the char-server has the accounts, and nobody else may.
        for (const { accountId } of everybody)
          expect(await cluster.lock("login", `account:${accountId}`)).toMatchObject({ state: "held" });

        cluster.push(timing.reconnectMs);
        for (const again of [account, other, between.account]) {
          const back = new Walker(cluster, again);
          await logInAgain(back);
          await back.go("leave");
          await cluster.untilFree(back.ticket);
        }
      },
      { timing },
    ),
  );
});

describe.concurrent.each(losses)("a map-server whose link to the char-server $how", ({ lose }) => {
  test(
    "drops its players, whose accounts can log in again when its timer is over, and disturbs nobody else",
    overTcp(
      async ({ cluster, account, player }) => {
        await cluster.startMap("map-2", { maps: ["forest"] });
        const traveller = await cluster.account();
        await putTo(cluster, traveller, { map: "forest", x: 41, y: 56 });
        const far = await play(cluster, traveller);
        const chooser = await choose(cluster, await cluster.account());
        const { position } = player.game;
        await walk(player, { x: 3 });

        lose(newest(cluster.mapServers.get("map-1")?.links ?? []));
        expect(await sentAway(player)).toBe("cluster-link-lost");
        expect(cluster.mapServer().playerCount).toBe(0);
        await untilAway(cluster, "world", "map-1");
        // What was not saved before is lost with the link; until the timer is over nobody else may have the character.
        expect(await rowOf(cluster, player.game.charId)).toMatchObject(position);
        const { accountId } = accountOf(player);
        expect(await cluster.lock("world", `character:${accountId}`)).toMatchObject({ state: "playing" });

        cluster.push(timing.reconnectMs);
        await cluster.untilFree({ accountId });
        const back = new Walker(cluster, account);
        await logInAgain(back);
        await back.go("leave");
        await cluster.untilFree(back.ticket);
        expect([far.ended(), chooser.ended()]).toEqual([null, null]);
        await walk(far, { x: 1 });
      },
      { timing },
    ),
  );
});

/** Before anybody plays it. */
async function putTo(cluster: TestCluster, { name }: TestAccount, { map, x, y }: Position): Promise<void> {
  const text = "UPDATE characters SET map = $2, x = $3, y = $4 WHERE name = $1";
  await cluster.database.query({ name: "put-character", text }, [name, map, x, y]);
}
