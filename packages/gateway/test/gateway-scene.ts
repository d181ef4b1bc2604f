import { systemClock } from "@sallyport/clock";
import { helloFrame, mapDoorMessages } from "@sallyport/dialects/native";
import type { Presence } from "@sallyport/directory";
import type { AccountId, CharId, LoginId } from "@sallyport/domain";
import type { ByteChannel } from "@sallyport/link";
import { connectTcp, type ListenOptions, listenTcp, type TcpListener } from "@sallyport/link/tcp";
import { type Host } from "@sallyport/server-kit";
import { testHost, until } from "@sallyport/testkit";
import { encodeFrame, MessageCodec } from "@sallyport/wire";
import { afterEach, expect } from "vitest";
import {
  connectBy,
  Gateway,
  type GatewayBounds,
  type GatewayOptions,
  type Peek,
  peekNative,
} from "../src/index.ts";

/* Runs a gateway on real sockets, with fake servers that each test controls. */

export const host = "127.0.0.1";
const accountId = 17 as AccountId;
const commands = new MessageCodec(mapDoorMessages);
const ids = { accountId, charId: 4 as CharId, loginId1: 7 as LoginId } as const;
const entering = { type: "map.enter", ...ids, sex: "female" } as const;
/** A client sends these bytes first. The bytes name an account. */
export const enters = new Uint8Array([
  ...helloFrame(),
  ...encodeFrame("request", 1, commands.encode(entering, 5_000)),
]);

const stops: (() => void | Promise<void>)[] = [];
const ends: End[] = [];
afterEach(async () => {
  for (const { channel } of ends.splice(0)) channel.destroy();
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** One end of a connection. It keeps all bytes that it receives. */
export class End {
  readonly channel: ByteChannel;
  #chunks: Uint8Array[] = [];
  byteCount = 0;
  isClosed = false;
  hasHeardEnd = false;
  /** If this is true, this end continues to send after the far end has half-closed. */
  isTalkative = false;

  constructor(channel: ByteChannel, isHalfOpen = false) {
    this.channel = channel;
    ends.push(this);
    channel.listen({
      bytes: (chunk) => {
        this.byteCount += chunk.length;
        if (this.byteCount < 1 << 20) this.#chunks.push(chunk);
      },
      closed: () => {
        this.isClosed = true;
      },
      ...(isHalfOpen && {
        finished: () => {
          this.hasHeardEnd = true;
          if (!this.isTalkative) channel.close();
        },
      }),
    });
  }

  get heard(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  async hears(bytes: Uint8Array): Promise<void> {
    await until(() => this.byteCount >= bytes.length, { what: `${bytes.length} bytes arrive` });
    expect(this.heard).toEqual(Buffer.from(bytes));
  }

  untilClosed(): Promise<unknown> {
    return until(() => this.isClosed, { what: "the connection ends" });
  }
}

export interface FakeServer {
  readonly presence: Presence;
  readonly clients: End[];
  readonly listener: TcpListener;
}

export async function server(
  name: string,
  over: Partial<Presence> = {},
  options: ListenOptions = {},
): Promise<FakeServer> {
  const clients: End[] = [];
  const listener = await listenTcp(
    { host, port: 0 },
    (channel) => clients.push(new End(channel, true)),
    options,
  );
  stops.push(() => listener.stop());
  const presence: Presence = {
    ...{
      kind: "map",
      name,
      world: "Alpha",
      incarnation: name,
      machine: "m",
      pid: 1,
      sinceMs: 1,
      state: "up",
    },
    ...{ publicDoor: null, maps: [], clients: 0, players: 0, capacity: null, links: [] },
    innerDoors: [{ dialect: options.tls ? "native-tls" : "native", ...listener.address }],
    ...over,
  };
  return { presence, clients, listener };
}

export const playing = (name: string): string =>
  JSON.stringify({
    state: "playing",
    loginId1: 1,
    loginId2: 2,
    sex: "male",
    accountFence: 1,
    owner: { server: name, incarnation: "a" },
    charId: 4,
    charFence: 1,
  });

interface Scene {
  readonly servers?: readonly FakeServer[];
  readonly lock?: () => Promise<string | null>;
  readonly host?: Partial<Host>;
  readonly bounds?: Partial<GatewayBounds>;
  readonly options?: Partial<GatewayOptions>;
  readonly peek?: Peek;
  /** The gateway uses this address as the address of its door. */
  readonly at?: { readonly host: string; readonly port: number };
}

export async function open(scene: Scene) {
  const { servers = [], lock = async () => null, options = {}, peek = peekNative, at } = scene;
  const counted: string[] = [];
  const bugs: unknown[] = [];
  const outside = testHost({
    clock: systemClock,
    metrics: {
      // The labels for transport and dialect are left out.
      count: (name, { transport: _, dialect: __, ...labels }: { readonly [label: string]: string }) =>
        void counted.push([name, ...Object.values(labels)].join(" ")),
      observe() {},
      watch() {},
      watchEach() {},
    },
    failed: (error) => void bugs.push(error),
    ...scene.host,
  });
  const gateway = new Gateway(outside, {
    world: "Alpha",
    bounds: {
      clientsMax: 100,
      clientsPerAddressMax: 100,
      firstCommandMs: 5_000,
      newcomersMax: 100,
      newcomersPerAddressMax: 100,
      waitingBytesMax: 64 << 10,
      unreachedMs: 200,
      goneMs: 60_000,
      unreadMs: 60_000,
      ...scene.bounds,
    },
    sendProxy: false,
    directory: { list: async () => servers.map(({ presence }) => presence) },
    locks: {
      load: async () => {
        const value = await lock();
        return { nowMs: 0, lock: value === null ? null : { version: 1, value, deadlineMs: null } };
      },
    },
    connect: connectBy({ withinMs: 2_000, ca: () => null, name: null }),
    ...options,
  });
  stops.push(() => expect(bugs).toEqual([]));
  stops.push(() => gateway.stop());
  await gateway.look();
  /** The clients of this server connected from these addresses. */
  const remotes: string[] = [];
  const listener = await listenTcp({ host, port: 0 }, (channel) => {
    remotes.push(channel.remote);
    const address = at ?? listener.address;
    gateway.accept(channel, { door: "map", dialect: "native", peek, address });
  });
  stops.push(() => listener.stop());
  const connect = async (isHalfOpen = false): Promise<End> =>
    new End(await connectTcp(listener.address, 5_000), isHalfOpen);
  return { gateway, connect, counted, listener, remotes };
}

export const joinedAt = ({ clients }: FakeServer): Promise<End> =>
  until(() => clients[0], { what: "a client is led here" });

/** Starts a server and a gateway, and joins a client to the server. */
export async function join({ isHalfOpen = false, only, ...changed }: Join = {}) {
  const joinable = only ?? (await server("map-1"));
  const opened = await open({ ...changed, servers: [joinable] });
  const client = await opened.connect(isHalfOpen);
  client.channel.send(enters);
  const there = await joinedAt(joinable);
  await there.hears(enters);
  return { ...opened, client, there };
}

interface Join extends Pick<Scene, "host" | "bounds" | "options"> {
  readonly isHalfOpen?: boolean;
  readonly only?: FakeServer;
}
