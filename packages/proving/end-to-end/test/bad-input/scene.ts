import { systemClock } from "@sallyport/clock";
import type { ByteChannel } from "@sallyport/link";
import { connectTcp, type ListenTls } from "@sallyport/link/tcp";
import { connectWebSocket } from "@sallyport/link/websocket";
import { type Client, type Connect, createClient } from "@sallyport/sdk";
import {
  type LinkTls,
  listenForLinks,
  type Metrics,
  openDoor,
  Refusals,
  TlsFiles,
} from "@sallyport/server-kit";
import { must, TestAuthority, testHost, until } from "@sallyport/testkit";
import { expect } from "vitest";
import { channelWith } from "../cluster/channel-with.ts";
import { type Line, Logbook } from "../cluster/logbook.ts";
import { Overheard } from "../cluster/overheard.ts";
import { type Player, walk } from "../cluster/player.ts";
import { SocketPairs } from "../cluster/socket-pairs.ts";
import { linkPassword, type TestAccount, TestCluster } from "../cluster/test-cluster.ts";

export type DoorName = "login" | "char" | "map";
export type LinkName = "login" | "char";
export type Carrier = "tcp" | "webSocket";

/** Each port of a cluster in memory belongs to one door. */
const doorOfPort: Readonly<Record<number, DoorName>> = { 1: "login", 2: "char", 3: "map" };

/** Reads the present values of a server's metrics. */
class Gauges implements Metrics {
  readonly #reads: (() => readonly (readonly [what: string, value: number])[])[] = [];

  count(): void {}
  observe(): void {}
  watch(name: string, labels: object, read: () => number): void {
    this.watchEach(name, () => [[labels, read()]]);
  }

  watchEach(name: string, read: () => Iterable<readonly [labels: object, value: number]>): void {
    if (!/^(clients|links|players)$/.test(name)) return;
    this.#reads.push(() =>
      // The first label of a client metric is the door. Clients are summed over all transports.
      [...read()].map(([labels, value]) => [[name, ...Object.values(labels).slice(0, 1)].join(" "), value]),
    );
  }

  read(): Record<string, number> {
    // Doors without a client have no value, so they start at 0.
    const sums: Record<string, number> = { "clients login": 0, "clients char": 0, "clients map": 0 };
    for (const [what, value] of this.#reads.flatMap((read) => read())) sums[what] = (sums[what] ?? 0) + value;
    return sums;
  }
}

/** A running cluster whose ports are all real sockets. One player plays during the attacks. */
export class Scene {
  readonly logbook = new Logbook();
  readonly overheard = new Overheard();
  readonly #gauges = new Gauges();
  readonly #stops: (() => Promise<unknown> | void)[] = [];
  /** The number of connections that servers have accepted and whose end they have not noticed yet. */
  #taken = 0;
  #isEast = false;
  cluster!: TestCluster;
  account!: TestAccount;
  player!: Player;
  readonly doors = {} as Record<DoorName, { readonly tcp: number; readonly webSocket: number }>;
  /** The ports of the same doors with TLS. */
  readonly securedDoors = {} as typeof this.doors;
  readonly links = {} as Record<LinkName, number>;
  readonly securedLinks = {} as typeof this.links;

  static async open(): Promise<Scene> {
    const scene = new Scene();
    const pairs = await SocketPairs.overTcp();
    scene.cluster = await TestCluster.start({
      // Servers read clients as fast as clients send. A client that does not read is soon disconnected.
      bounds: { commandsPerSecond: 1_000_000, unreadMs: 3_000 },
      pair: async () => {
        const [near, far] = await pairs.pair();
        return [scene.overheard.listenTo(near), scene.overheard.listenTo(far)];
      },
      log: scene.logbook.log,
      metrics: scene.#gauges,
      timing: { reconnectMs: 60_000 },
    });
    scene.#stops.push(() => pairs.close());
    await scene.#openPorts();
    scene.account = await scene.cluster.account();
    scene.player = await scene.playsBy("tcp", scene.account);
    return scene;
  }

  async #openPorts(): Promise<void> {
    const { cluster } = this;
    const authority = new TestAuthority();
    const { certFile, keyFile } = authority.issue("127.0.0.1");
    this.#stops.push(() => authority.remove());
    const file = (variable: string, path: string) => ({ variable, path });
    const cert = file("TLS_CERT", certFile);
    const key = file("TLS_KEY", keyFile);
    const ca = file("LINK_TLS_CA", authority.certificate.certFile);
    const doorTls: ListenTls["source"] = new TlsFiles({ cert, key });
    const linkTls: LinkTls = { files: new TlsFiles({ cert, key, ca }), name: null };
    const { log } = this.logbook;
    const any = { host: "127.0.0.1", port: 0, wsPort: 0, wsOrigins: null };
    const servers = { login: cluster.login, char: cluster.char, map: cluster.mapServer() };
    for (const name of ["login", "char", "map"] as const) {
      const accept = (channel: ByteChannel): void => servers[name].acceptClient(this.#take(channel));
      const refusals = new Refusals(testHost({ clock: systemClock, log }), { door: name });
      const plain = await openDoor(any, { tls: null, refusals }, accept);
      const secured = await openDoor(any, { tls: doorTls, refusals }, accept);
      this.#stops.push(
        () => plain.stop(),
        () => secured.stop(),
      );
      this.doors[name] = { tcp: plain.address.port, webSocket: plain.webSocket?.port ?? 0 };
      this.securedDoors[name] = { tcp: secured.address.port, webSocket: secured.webSocket?.port ?? 0 };
    }
    for (const name of ["login", "char"] as const) {
      const accept = (channel: ByteChannel): void => {
        const taken = this.#take(channel);
        if (name === "login") cluster.login.acceptCharServer(taken);
        else cluster.char.acceptMapServer(taken);
      };
      const plain = await listenForLinks(any, { tls: null, log }, accept);
      const secured = await listenForLinks(any, { tls: linkTls, log }, accept);
      this.#stops.push(
        () => plain.stop(),
        () => secured.stop(),
      );
      this.links[name] = plain.address.port;
      this.securedLinks[name] = secured.address.port;
    }
  }

  #take(channel: ByteChannel): ByteChannel {
    this.#taken += 1;
    const heard = this.overheard.listenTo(channel);
    return channelWith(heard, {
      listen: (listener) =>
        heard.listen({
          bytes: (chunk) => listener.bytes(chunk),
          closed: (why) => {
            this.#taken -= 1;
            listener.closed(why);
          },
        }),
    });
  }

  reach(door: DoorName, carrier: Carrier): Promise<ByteChannel> {
    const port = this.doors[door][carrier];
    return carrier === "tcp"
      ? connectTcp({ host: "127.0.0.1", port }, 5_000)
      : connectWebSocket(`ws://127.0.0.1:${port}`, 5_000);
  }

  reachLink(name: LinkName): Promise<ByteChannel> {
    return connectTcp({ host: "127.0.0.1", port: this.links[name] }, 5_000);
  }

  /** Returns a client's transport to the doors. `over` may replace each connection. */
  connectBy(carrier: Carrier, over: (channel: ByteChannel) => ByteChannel = (channel) => channel): Connect {
    return async ({ port }) => {
      const door = doorOfPort[port];
      if (door === undefined) throw new Error(`there is no door at ${port}`);
      return over(this.overheard.listenTo(await this.reach(door, carrier)));
    };
  }

  client(connect: Connect): Client {
    return createClient({ connect, login: this.cluster.loginAddress });
  }

  /** Goes through all three doors as a player. The player logs in with a proof. */
  async playsBy(
    carrier: Carrier,
    account: TestAccount,
    over?: (channel: ByteChannel) => ByteChannel,
  ): Promise<Player> {
    const client = this.client(this.connectBy(carrier, over));
    must(await client.logIn(account));
    const select = must(await client.enterWorld(this.cluster.charAddress));
    const charId = select.characters[0]?.charId;
    if (charId === undefined) throw new Error("no character");
    const game = must(await select.choose(charId));
    let end: Awaited<typeof game.closed> | null = null;
    void game.closed.then((closed) => {
      end = closed;
    });
    return { client, game, ended: () => end?.reason ?? null };
  }

  /** Returns how many connections there are, and how many entries servers keep for them. */
  counts(): Record<string, number> {
    return { ...this.#gauges.read(), taken: this.#taken };
  }

  /**
   * Runs an attack. Checks that the servers keep nothing of the attack and that the player can still play.
   * Returns the log lines of that time.
   */
  async unharmedBy(run: () => Promise<unknown>): Promise<readonly Line[]> {
    // Wait until all earlier clients are gone.
    await until(() => this.#areOnlyPlayersHere(), { what: "only players are left" });
    const before = this.counts();
    const from = this.logbook.lines.length;
    await run();
    await until(() => JSON.stringify(this.counts()) === JSON.stringify(before), {
      what: `counts are again ${JSON.stringify(before)}, now ${JSON.stringify(this.counts())}`,
    });
    await this.playsOn();
    return this.logbook.lines.slice(from);
  }

  #areOnlyPlayersHere(): boolean {
    const between = this.clientsAt("login") + this.clientsAt("char");
    return between === 0 && this.clientsAt("map") === this.counts()["players"];
  }

  clientsAt(door: DoorName): number {
    return this.counts()[`clients ${door}`] ?? 0;
  }

  async playsOn(): Promise<void> {
    this.#isEast = !this.#isEast;
    await walk(this.player, { x: this.#isEast ? 1 : -1 });
    expect(this.player.ended()).toBeNull();
  }

  /** Checks that no log line contains a password, login id, cookie or proof, in any form. */
  expectNoSecretTold(): void {
    const all = this.logbook.lines.map((line) => JSON.stringify(line)).join("\n");
    // First check that secrets were recorded. Otherwise the search would find nothing.
    expect(this.overheard.bytes.size).toBeGreaterThan(5);
    expect(this.overheard.loginIds).toContain(this.player.client.ticket?.loginId1);
    expect([...this.overheard.writtenForms()].filter((form) => all.includes(form))).toEqual([]);
    for (const secret of [this.account.password, this.account.name, linkPassword])
      expect(all).not.toContain(secret);
  }

  async close(): Promise<void> {
    await this.player.game.leave();
    for (const stop of this.#stops.reverse()) await stop();
    await this.cluster.stop();
  }
}

export interface Offender {
  readonly channel: ByteChannel;
  readonly heard: () => Uint8Array;
  readonly isClosed: () => boolean;
}

/** Returns the test's end of a connection, with which the test attacks a server. */
export function offender(channel: ByteChannel): Offender {
  const chunks: Uint8Array[] = [];
  let isClosed = false;
  channel.listen({
    bytes: (chunk) => void chunks.push(chunk),
    closed: () => {
      isClosed = true;
    },
  });
  return { channel, heard: () => Buffer.concat(chunks), isClosed: () => isClosed };
}

/** Returns rows for `test.each`. The title comes first in each row. */
export const named = <Row extends { readonly what: string }>(
  rows: readonly Row[],
): (readonly [string, Row])[] => rows.map((row) => [row.what, row] as const);
