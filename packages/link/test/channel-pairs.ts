import { WebSocket } from "ws";
import { TestAuthority } from "../../proving/testkit/src/certificates.ts";
import { connectBrowserSocket } from "../src/browser/index.ts";
import type { ByteChannel } from "../src/index.ts";
import { memoryChannelPair } from "../src/index.ts";
import {
  type Address,
  connectTcp,
  connectTls,
  type ListenTls,
  listenTcp,
  type TcpListener,
  type TlsIdentity,
} from "../src/tcp/index.ts";
import { connectWebSocket, listenWebSocket } from "../src/websocket/index.ts";

export type ChannelPair = readonly [ByteChannel, ByteChannel];

export const host = "127.0.0.1";

type Listen = (accept: (channel: ByteChannel) => void) => Promise<TcpListener>;

async function pairOver(
  listen: Listen,
  connect: (address: Address) => Promise<ByteChannel>,
): Promise<ChannelPair> {
  let accepted: (channel: ByteChannel) => void = () => {};
  const accepting = new Promise<ByteChannel>((resolve) => {
    accepted = resolve;
  });
  const listener = await listen(accepted);
  const connected = await connect(listener.address);
  const pair = [connected, await accepting] as const;
  await listener.stop();
  return pair;
}

const anyPort = { host, port: 0 };

const tcpPair = (): Promise<ChannelPair> =>
  pairOver(
    (accept) => listenTcp(anyPort, accept),
    (address) => connectTcp(address, 5_000),
  );

export const fixed = (current: TlsIdentity & { readonly ca?: string }) => ({
  current,
  changed: () => () => {},
});

let made: { readonly ca: string; readonly tls: ListenTls } | undefined;

function secured() {
  if (made !== undefined) return made;
  const authority = new TestAuthority();
  made = { ca: authority.certificate.cert, tls: { source: fixed(authority.issue(host)) } };
  authority.remove();
  return made;
}

function tlsPair(): Promise<ChannelPair> {
  const { ca, tls } = secured();
  return pairOver(
    (accept) => listenTcp(anyPort, accept, { tls }),
    (address) => connectTls(address, 5_000, { ca }),
  );
}

const isOriginAllowed = (): boolean => true;

const webSocketPair = (): Promise<ChannelPair> =>
  pairOver(
    (accept) => listenWebSocket(anyPort, accept, { isOriginAllowed }),
    ({ port }) => connectWebSocket(`ws://${host}:${port}`, 5_000),
  );

function securedWebSocketPair(): Promise<ChannelPair> {
  const { ca, tls } = secured();
  return pairOver(
    (accept) => listenWebSocket(anyPort, accept, { isOriginAllowed, tls }),
    ({ port }) => connectWebSocket(`wss://${host}:${port}/any/path`, 5_000, { ca }),
  );
}

/** The library's WebSocket has the interface of a browser's WebSocket. */
const browserPair = (): Promise<ChannelPair> =>
  pairOver(
    (accept) => listenWebSocket(anyPort, accept, { isOriginAllowed }),
    ({ port }) => connectBrowserSocket(`ws://${host}:${port}`, 5_000, (url) => new WebSocket(url) as never),
  );

const reversed = async ([a, b]: ChannelPair): Promise<ChannelPair> => [b, a];

/**
 * A link can use any of these transports. Either end of a pair can be the end that accepted the connection.
 */
export const carriers: readonly (readonly [string, () => Promise<ChannelPair>])[] = [
  ["memory", async () => memoryChannelPair(["a", "b"])],
  ["TCP", tcpPair],
  ["TLS", tlsPair],
  ["TLS, the other way", async () => reversed(await tlsPair())],
  ["WebSocket", webSocketPair],
  ["WebSocket, the other way", async () => reversed(await webSocketPair())],
  ["WebSocket over TLS", securedWebSocketPair],
  ["a browser's WebSocket", browserPair],
];
