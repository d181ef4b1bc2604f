import type { Clock } from "@sallyport/clock";
import { Gateway, type GatewayDoor, type GatewayOptions, peekAt, peekNative } from "@sallyport/gateway";
import type { ByteChannel } from "@sallyport/link";
import { readProxyHeader } from "@sallyport/link/addresses";
import { ConnectFailed } from "@sallyport/link/tcp";
import { defaultClientBounds, type Host } from "@sallyport/server-kit";
import type { Observer } from "./facts.ts";
import { doorNames, gatewayPortOf, gatewayWorld, type ServerName, serverNames } from "./topology.ts";

/**
 * Runs the real gateway between clients and servers. In the PROXY header, the client's port is the number of
 * the client's stream. This number tells checkers which two streams belong together.
 */

/**
 * The gateway waits this many milliseconds for a connection to a server. The simulated network itself waits
 * longer for a connection.
 */
const connectMs = 1_500;
export const gatewayUnreachedMs = 2_000;
const goneMs = 4_000;
const unreadMs = 20_000;

/**
 * After the last planned failure, a client behind a gateway may have to wait this many milliseconds longer
 * than a client without a gateway.
 */
export const gatewayPatienceMs = gatewayUnreachedMs + 3 * connectMs + goneMs;

export interface SimulatedGatewayOptions extends Pick<GatewayOptions, "directory" | "locks"> {
  readonly life: string;
  readonly observer: Observer;
  readonly nowMs: () => number;
  /** Connects to a server. `client` is the number of the client's stream. */
  readonly dial: (server: ServerName, client: number) => Promise<ByteChannel>;
}

export class SimulatedGateway {
  readonly #gateway: Gateway;
  readonly #options: SimulatedGatewayOptions;

  constructor(host: Host, options: SimulatedGatewayOptions) {
    this.#options = options;
    const { directory, locks, life } = options;
    const { clock } = host;
    const { firstCommandMs, newcomersMax, newcomersPerAddressMax } = defaultClientBounds;
    this.#gateway = new Gateway(host, {
      world: gatewayWorld,
      bounds: {
        ...{ clientsMax: 1_000, clientsPerAddressMax: 1_000 },
        ...{ firstCommandMs, newcomersMax, newcomersPerAddressMax },
        waitingBytesMax: 64 << 10,
        ...{ unreachedMs: gatewayUnreachedMs, goneMs, unreadMs },
      },
      sendProxy: true,
      locks,
      directory: {
        list: async () => {
          const listed = await directory.list();
          const servers = listed
            .filter(({ innerDoors }) => innerDoors.length > 0)
            .map(({ name, state }) => ({ server: name, isDraining: state === "draining" }));
          this.#see({ type: "gateway-told", life, servers });
          return listed;
        },
      },
      connect: ({ port }, preface) =>
        within(connectMs, clock, () => {
          const server = serverNames[port];
          if (server === undefined || preface === null)
            throw new Error("a server or its client is not known");
          const client = sourcePortOf(preface);
          this.#see({ type: "gateway-tries", life, client, server });
          return options.dial(server, client);
        }),
    });
  }

  /** Takes a client. `number` is the number of its stream. */
  accept(channel: ByteChannel, number: number, door: GatewayDoor["door"]): void {
    this.#see({ type: "gateway-opened", life: this.#options.life, client: number });
    this.#gateway.accept(withRemote(channel, remoteOf(number)), {
      door,
      dialect: "native",
      peek: peekAt(door, peekNative),
      address: { host: "127.0.0.2", port: gatewayPortOf(door) },
    });
  }

  drain(withinMs: number): Promise<void> {
    this.#see({ type: "gateway-drains", life: this.#options.life });
    return this.#gateway.drain(withinMs);
  }

  stop(): Promise<void> {
    return this.#gateway.stop();
  }

  #see(fact: Parameters<Observer["see"]>[0]): void {
    this.#options.observer.see(fact, this.#options.nowMs());
  }
}

export const gatewayDoorAt = (port: number) => doorNames.find((door) => gatewayPortOf(door) === port);

const remoteOf = (client: number): string => `127.0.0.1:${client}`;

function sourcePortOf(preface: Uint8Array): number {
  const read = readProxyHeader(preface);
  if (read.is !== "header" || read.told === null) throw new Error("no PROXY header");
  return read.told.source.port;
}

/** Rejects if there is no connection after `ms`, as sockets do. A connection that comes later is closed. */
function within(ms: number, clock: Clock, dial: () => Promise<ByteChannel>): Promise<ByteChannel> {
  return new Promise((resolve, reject) => {
    let isLate = false;
    const stop = clock.after(ms, () => {
      isLate = true;
      reject(new ConnectFailed("no answer in time"));
    });
    dial().then(
      (channel) => {
        stop();
        if (isLate) channel.destroy();
        else resolve(channel);
      },
      (error) => {
        stop();
        reject(new ConnectFailed(String(error)));
      },
    );
  });
}

const withRemote = (channel: ByteChannel, remote: string): ByteChannel => ({
  transport: channel.transport,
  remote,
  listen: (listener) => channel.listen(listener),
  send: (bytes) => channel.send(bytes),
  bufferedBytes: () => channel.bufferedBytes(),
  pause: () => channel.pause(),
  resume: () => channel.resume(),
  close: () => channel.close(),
  destroy: () => channel.destroy(),
});
