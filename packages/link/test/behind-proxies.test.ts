import net from "node:net";
import tls from "node:tls";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { TestAuthority } from "../../proving/testkit/src/certificates.ts";
import { until } from "../../proving/testkit/src/until.ts";
import { encodeProxyHeader } from "../src/addresses/index.ts";
import type { ByteChannel } from "../src/index.ts";
import { connectTcp, type ListenOptions, listenTcp, type TcpListener } from "../src/tcp/index.ts";
import { listenWebSocket, type WebSocketListenOptions } from "../src/websocket/index.ts";
import { fixed, host } from "./channel-pairs.ts";

const source = { host: "203.0.113.7", port: 40_000 };
const header = encodeProxyHeader({ source, destination: { host, port: 1 } });
const lineHeader = new TextEncoder().encode(`PROXY TCP4 203.0.113.7 ${host} 40000 1\r\n`);

const accepted: { readonly channel: ByteChannel; readonly heard: number[]; isClosed: boolean }[] = [];
const refusals: (readonly [string, string, string])[] = [];
const listeners: TcpListener[] = [];
const sockets: net.Socket[] = [];
const opened: WebSocket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const webSocket of opened.splice(0)) webSocket.terminate();
  for (const { channel } of accepted.splice(0)) channel.destroy();
  for (const listener of listeners.splice(0)) await listener.stop();
  refusals.splice(0);
});

function accept(channel: ByteChannel): void {
  const client = { channel, heard: [] as number[], isClosed: false };
  accepted.push(client);
  channel.listen({
    bytes: (chunk) => client.heard.push(...chunk),
    closed: () => {
      client.isClosed = true;
    },
  });
}

const options = (isProxy: (address: string) => boolean): ListenOptions => ({
  isProxy,
  refused: ({ remote, by, why }) => refusals.push([remote, by, why]),
});

async function listen(given: Partial<ListenOptions> = {}): Promise<number> {
  const all = { ...options((address) => address === host), ...given };
  const listener = await listenTcp({ host, port: 0 }, accept, all);
  listeners.push(listener);
  return listener.address.port;
}

async function connect(port: number): Promise<net.Socket> {
  const socket = net.connect({ host, port, noDelay: true });
  sockets.push(socket);
  socket.on("error", () => {});
  await new Promise((resolve) => socket.once("connect", resolve));
  return socket;
}

const firstOne = () => until(() => accepted[0], { what: "a connection is accepted" });

describe("a connection from a proxy", () => {
  test.each([
    ["version 1", lineHeader],
    ["version 2", header],
  ])(
    "with a header of %s counts as made from the address in it, however the bytes are cut",
    async (_, header) => {
      const port = await listen();
      const said = [...header, 1, 2, 3];
      for (const cut of said.keys()) {
        const socket = await connect(port);
        socket.write(new Uint8Array(said.slice(0, cut)));
        await new Promise((resolve) => setImmediate(resolve));
        socket.write(new Uint8Array(said.slice(cut)));
        const { channel, heard } = await until(() => accepted[cut], { what: `the one cut at ${cut}` });
        expect(channel.remote).toBe("203.0.113.7:40000");
        await until(() => heard.length === 3, { what: "the rest arrives" });
        expect(heard).toEqual([1, 2, 3]);
      }
    },
  );

  test("can be paused when it is accepted, and answered", async () => {
    const listener = await listenTcp(
      { host, port: 0 },
      (channel) => {
        accept(channel);
        channel.pause();
      },
      options(() => true),
    );
    listeners.push(listener);
    const socket = await connect(listener.address.port);
    socket.write(new Uint8Array([...header, 9]));
    const { channel, heard } = await firstOne();
    const answered = new Promise((resolve) => socket.once("data", (chunk) => resolve([...chunk])));
    channel.send(new Uint8Array([7]));
    expect(await answered).toEqual([7]);
    expect(heard).toEqual([]);
    channel.resume();
    await until(() => heard.length === 1, { what: "the waiting bytes arrive" });
  });

  test("of its own counts as made from the proxy", async () => {
    const socket = await connect(await listen());
    socket.write(new Uint8Array([...header.subarray(0, 12), 0x20, 0, 0, 0]));
    expect((await firstOne()).channel.remote).toBe(`${host}:${socket.localPort}`);
  });

  test("that begins with anything else is closed, and so is one that ends within the header", async () => {
    const port = await listen();
    const other = await connect(port);
    other.write("GET / HTTP/1.1\r\nHost: here\r\n\r\n");
    await until(() => other.destroyed || other.closed, { what: "it is cut off" });
    const short = await connect(port);
    short.end(header.subarray(0, 20));
    await until(() => refusals.length === 2, { what: "both are reported" });
    const broken = await connect(port);
    broken.write("PROXY TCP4 203.0.113.7\r\n");
    await until(() => refusals.length === 3, { what: "so is one whose header is malformed" });
    expect(refusals[0]?.slice(1)).toEqual([
      "proxy-header",
      "sent nonsense: proxy header: neither version 1 nor 2",
    ]);
    expect(refusals[1]?.[2]).toMatch(/cut off|hung up/);
    expect(refusals[2]?.[1]).toBe("proxy-header");
    expect(accepted).toEqual([]);
  });

  test("that sends nothing is closed in time", async () => {
    const socket = await connect(await listen({ handshakeMs: 20 }));
    await until(() => socket.destroyed, { what: "it is cut off" });
    expect(refusals[0]?.slice(1)).toEqual(["late", "handshake: took longer than 20 ms"]);
  });

  test("over TLS sends the header before TLS begins", async () => {
    const authority = new TestAuthority();
    const port = await listen({ tls: { source: fixed(authority.issue(host)) } });
    const ca = authority.certificate.cert;
    authority.remove();
    // The header arrives together with the first bytes of TLS, or before them.
    for (const isApart of [false, true]) {
      const socket = await connect(port);
      if (!isApart) socket.cork();
      socket.write(header);
      const secured = tls.connect({ socket, ca, host });
      secured.write(new Uint8Array([4, 5]));
      socket.uncork();
      const client = await until(() => accepted[Number(isApart)], { what: "it is admitted" });
      await until(() => client.heard.length === 2, { what: "it is heard" });
      expect(client.channel.remote).toBe("203.0.113.7:40000");
    }
  });

  test("over WebSocket sends the header before the upgrade", async () => {
    for (const [nth, said] of [header, lineHeader].entries()) {
      const port = await listenAsWebSocket();
      const socket = await connect(port);
      socket.write(said);
      const webSocket = openWebSocket(port, {}, socket);
      await new Promise((resolve) => webSocket.once("open", resolve));
      webSocket.send(new Uint8Array([6]));
      const { channel, heard } = await until(() => accepted[nth], { what: "it is admitted" });
      await until(() => heard.length === 1, { what: "it is heard" });
      expect(channel.remote).toBe("203.0.113.7:40000");
    }
  });
});

async function listenAsWebSocket(given: Partial<WebSocketListenOptions> = {}): Promise<number> {
  const listener = await listenWebSocket({ host, port: 0 }, accept, {
    ...options((address) => address === host || address === "10.0.0.2"),
    isOriginAllowed: () => true,
    ...given,
  });
  listeners.push(listener);
  return listener.address.port;
}

function openWebSocket(port: number, headers: Record<string, string>, socket?: net.Socket): WebSocket {
  const webSocket = new WebSocket(`ws://${host}:${port}`, {
    headers,
    ...(socket !== undefined && { createConnection: () => socket }),
  });
  webSocket.on("error", () => {});
  opened.push(webSocket);
  return webSocket;
}

describe("a WebSocket door behind a proxy that speaks HTTP, and sends no PROXY header", () => {
  test.each([
    ["203.0.113.7", "203.0.113.7:0"],
    ["192.0.2.66, 203.0.113.7:40000", "203.0.113.7:40000"],
    ["192.0.2.66, 203.0.113.7, 10.0.0.2", "203.0.113.7:0"],
    ["[2001:db8::7]:9", "2001:db8:0:0:0:0:0:7:9"],
  ])("counts a client by X-Forwarded-For %s as %s", async (list, remote) => {
    openWebSocket(await listenAsWebSocket(), { "x-forwarded-for": list });
    expect((await firstOne()).channel.remote).toBe(remote);
  });

  test("may speak TLS to it", async () => {
    const authority = new TestAuthority();
    const port = await listenAsWebSocket({ tls: { source: fixed(authority.issue(host)) } });
    const ca = authority.certificate.cert;
    authority.remove();
    const webSocket = new WebSocket(`wss://${host}:${port}`, {
      ...{ ca, headers: { "x-forwarded-for": "203.0.113.7" } },
    });
    webSocket.on("error", () => {});
    opened.push(webSocket);
    expect((await firstOne()).channel.remote).toBe("203.0.113.7:0");
  });

  test("counts a client without a header as the proxy itself", async () => {
    openWebSocket(await listenAsWebSocket(), {});
    expect((await firstOne()).channel.remote).toMatch(new RegExp(`^${host}:\\d+$`));
  });

  test("ignores the header of a peer that is no proxy, by its connection or its PROXY header", async () => {
    openWebSocket(await listenAsWebSocket({ isProxy: () => false }), { "x-forwarded-for": "192.0.2.66" });
    expect((await firstOne()).channel.remote).toMatch(new RegExp(`^${host}:\\d+$`));
    const port = await listenAsWebSocket();
    const socket = await connect(port);
    socket.write(header);
    openWebSocket(port, { "x-forwarded-for": "192.0.2.66" }, socket);
    const second = await until(() => accepted[1], { what: "the second is admitted" });
    expect(second.channel.remote).toBe("203.0.113.7:40000");
  });

  test("logs a refused origin with the client's address, and not the proxy's", async () => {
    const port = await listenAsWebSocket({ isOriginAllowed: () => false });
    openWebSocket(port, { "x-forwarded-for": "203.0.113.7", origin: "https://elsewhere.example" });
    await until(() => refusals.length === 1, { what: "it is reported" });
    expect(refusals[0]?.slice(0, 2)).toEqual(["203.0.113.7:0", "origin"]);
  });

  test("allows the proxy as many handshakes at once as all addresses together", async () => {
    const port = await listenAsWebSocket({ handshakesPerAddressMax: 1 });
    const waiting = await Promise.all([connect(port), connect(port), connect(port)]);
    for (const socket of waiting) socket.write("GET / HTTP/1.1\r\n");
    openWebSocket(port, { "x-forwarded-for": "203.0.113.7" });
    await firstOne();
    expect(refusals).toEqual([]);
  });
});

test("the same header from any other address is plain bytes", async () => {
  const port = await listen({ isProxy: () => false });
  const channel = await connectTcp({ host, port }, 5_000);
  channel.send(header);
  const client = await firstOne();
  await until(() => client.heard.length === header.length, { what: "it arrives" });
  expect(client.heard).toEqual([...header]);
  expect(client.channel.remote).not.toContain("203.0.113.7");
  channel.destroy();
});
