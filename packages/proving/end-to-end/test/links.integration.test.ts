import { systemClock } from "@sallyport/clock";
import {
  charToLogin,
  charToMap,
  clusterProtocolVersion,
  hashCookie,
  loginToChar,
  mapToChar,
} from "@sallyport/cluster-protocol";
import {
  type ByteChannel,
  type Handlers,
  interServerHeartbeat,
  interServerLimits,
  Link,
} from "@sallyport/link";
import { connectTcp, listenTcp, type TcpListener } from "@sallyport/link/tcp";
import { ServerLink } from "@sallyport/server-kit";
import { testHost, until } from "@sallyport/testkit";
import { MessageCodec, type MessageTable } from "@sallyport/wire";
import { describe, expect, test } from "vitest";
import { channelWith } from "./cluster/channel-with.ts";
import { Logbook } from "./cluster/logbook.ts";
import { type Player, play, walk } from "./cluster/player.ts";
import { SocketPairs } from "./cluster/socket-pairs.ts";
import {
  linkPassword,
  type TestAccount,
  TestCluster,
  type TestClusterOptions,
} from "./cluster/test-cluster.ts";

/* Tests which peers are admitted to links between tiers, over real sockets. */

interface LinkDoor {
  readonly at: "login-server" | "char-server";
  readonly of: "char-server" | "map-server";
  readonly sends: MessageTable;
  readonly receives: MessageTable;
  /** This server is linked at the door. */
  readonly linked: string;
  readonly accept: (cluster: TestCluster, channel: ByteChannel) => void;
  readonly stopLinked: (cluster: TestCluster) => Promise<void>;
  /** A message that is valid only after admission. */
  readonly status: { readonly type: string; readonly players: number; readonly presence?: null };
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
    status: { type: "map-server.status", players: 1, presence: null },
  },
];

interface Scene {
  readonly cluster: TestCluster;
  /** The log of the servers of the cluster. */
  readonly logbook: Logbook;
  readonly account: TestAccount;
  /** The player of that account. */
  readonly player: Player;
}

/** Runs the test with a cluster whose links and doors are sockets. */
function overTcp(
  run: (scene: Scene) => Promise<void>,
  options: TestClusterOptions = {},
): () => Promise<void> {
  return async () => {
    const pairs = await SocketPairs.overTcp();
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

/** Many clusters of this file are busy at the same time. */
const withinMs = 30_000;

/** Opens a listening port for the link door of a server. */
async function listen(cluster: TestCluster, door: LinkDoor): Promise<TcpListener> {
  return listenTcp({ host: "127.0.0.1", port: 0 }, (channel) => door.accept(cluster, channel));
}

/** Connects an unknown peer to the link door. The peer knows the protocol. */
async function stranger(cluster: TestCluster, door: LinkDoor) {
  const listener = await listen(cluster, door);
  const channel = await connectTcp(listener.address, withinMs);
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

/** Creates a server that tries to link until it is stopped. */
function connecting(
  cluster: TestCluster,
  door: LinkDoor,
  credentials: { readonly username: string; readonly password: string },
  cookie: Uint8Array | null = null,
) {
  const logbook = new Logbook();
  let isAdmitted = false;
  let hasDisconnected = false;
  const host = testHost({
    clock: systemClock,
    random: () => 0,
    log: logbook.log,
    failed: (error) => void cluster.bugs.push(error),
  });
  const server = new ServerLink<MessageTable, MessageTable>(host, {
    to: door.at,
    nameVariable: "NAME",
    connect: async () => {
      const listener = await listen(cluster, door);
      const channel = await connectTcp(listener.address, withinMs);
      await listener.stop();
      const close = (): void => {
        hasDisconnected = true;
        channel.close();
      };
      return channelWith(channel, { close });
    },
    sends: door.sends,
    receives: door.receives,
    handlers: {} as Handlers<MessageTable>,
    credentials: { server: door.linked, ...credentials },
    cookies: { load: async () => cookie, store: async () => {} },
    admitted: async () => {
      isAdmitted = true;
      return true;
    },
    lost: () => {},
  });
  void server.start();
  const untilTold = (text: string) => until(() => logbook.find(text), { what: `it logs "${text}"` });
  const untilDisconnected = () => until(() => hasDisconnected, { what: "it disconnects by itself" });
  return { server, untilTold, untilDisconnected, isAdmitted: () => isAdmitted };
}

const right = { username: "alpha", password: linkPassword };

describe.concurrent.each(linkDoors)("when a $of links to the $at,", (door) => {
  const { of, linked } = door;

  test.each([
    ["a wrong password", { username: "alpha", password: "guessed" }],
    ["an unknown name", { username: "nobody", password: linkPassword }],
  ])("%s is refused, both ends log it, and no player notices", async (_, credentials) => {
    await overTcp(async ({ cluster, logbook, player }) => {
      const { server, untilTold, untilDisconnected, isAdmitted } = connecting(cluster, door, credentials);
      const told = await untilTold("cannot link; trying again");
      await untilDisconnected();
      await server.stop();
      expect(told.why).toContain(`username ${credentials.username} or its password is wrong`);
      expect(isAdmitted()).toBe(false);
      const seen = await until(() => logbook.find(`${of} was refused`), {
        what: "the refusal is logged",
      });
      expect(seen).toMatchObject({
        level: 40,
        peerKind: of,
        peer: linked,
        why: "wrong-username-or-password",
      });
      expect(JSON.stringify(logbook.lines)).not.toContain("guessed");
      await walk(player, { x: 1 });
    })();
  });

  test(
    "a second one of the same name is refused while the first is linked, and admitted when it has left",
    overTcp(async ({ cluster, player }) => {
      const { server, untilTold, isAdmitted } = connecting(cluster, door, right);
      const told = await untilTold("cannot link; trying again");
      expect(told.why).toMatch(new RegExp(`^a server named ${linked} is linked, or may still come back`));
      expect(isAdmitted()).toBe(false);
      await walk(player, { x: 1 });
      await door.stopLinked(cluster);
      await until(isAdmitted, { what: "the second one is admitted" });
      await server.stop();
    }),
  );

  test(
    "a peer that shows the cookie of an open link is refused, and that link goes on",
    overTcp(async ({ cluster, logbook, player }) => {
      const stolen = cluster.cookies.get(door.linked === "alpha" ? "char" : door.linked) ?? null;
      expect(stolen).toHaveLength(32);
      const { server, untilTold, isAdmitted } = connecting(cluster, door, right, stolen);
      const told = await untilTold("cannot link; trying again");
      expect(told.why).toMatch(new RegExp(`^a server named ${linked} is linked, or may still come back`));
      await server.stop();
      expect(isAdmitted()).toBe(false);
      const seen = logbook.find("a cookie was refused");
      expect(seen).toMatchObject({ level: 40, peer: linked, why: "server-lock-exists" });
      expect(JSON.stringify(logbook.lines)).not.toContain(hashCookie(stolen ?? new Uint8Array()));
      await walk(player, { x: 1 });
      expect(logbook.find(`${of} link lost`)).toBeUndefined();
    }),
  );

  test(
    "a peer that guesses a cookie is refused, and learns nothing",
    overTcp(async ({ cluster, logbook, player }) => {
      const { server, untilTold, isAdmitted } = connecting(cluster, door, right, new Uint8Array(32).fill(1));
      const told = await untilTold("cannot link; trying again");
      expect(told.why).toBe("the server at the other end has given this server up");
      await server.stop();
      expect(isAdmitted()).toBe(false);
      expect(logbook.find("a cookie was refused")).toMatchObject({ peer: linked, why: "cookie-wrong" });
      await walk(player, { x: 1 });
    }),
  );

  test(
    "another version of the protocol is refused, and the link is closed",
    overTcp(async ({ cluster, logbook, player }) => {
      const { link, untilClosed } = await stranger(cluster, door);
      const hello = { server: linked, username: "alpha", nonce: new Uint8Array(32) };
      const version = clusterProtocolVersion + 1;
      const asked = await link.ask({ type: "link.hello", version, ...hello } as never, withinMs);
      expect(asked).toMatchObject({ refusal: "version-unsupported" });
      expect(await untilClosed()).toBe("closed-there");
      expect(logbook.find(`${of} was refused`)?.why).toBe("version-unsupported");
      await walk(player, { x: 1 });
    }),
  );

  test(
    "a peer that sends another message before the handshake is done loses only its own link",
    overTcp(async ({ cluster, logbook, player }) => {
      const { link, untilClosed } = await stranger(cluster, door);
      link.notify(door.status);
      expect(await untilClosed()).toBe("closed-there");
      const why = logbook.find(`${of} was refused`)?.why;
      expect(why).toBe(`sent nonsense: ${door.status.type}: sent before the handshake was done`);
      await walk(player, { x: 1 });
    }),
  );

  test(
    "a peer that speaks no known protocol loses only its own link",
    overTcp(async ({ cluster, player }) => {
      const listener = await listen(cluster, door);
      const channel = await connectTcp(listener.address, withinMs);
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
    "a peer that only connects, and keeps the connection alive, is closed after a time",
    overTcp(async ({ cluster, logbook, player }) => {
      const { untilClosed } = await stranger(cluster, door);
      expect(await untilClosed()).toBe("closed-there");
      expect(logbook.find(`${of} was refused`)?.why).toMatch(
        /^did not prove itself: took longer than \d+ ms$/,
      );
      await walk(player, { x: 1 });
    }),
  );
});
