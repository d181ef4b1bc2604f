import net from "node:net";
import { afterEach, describe, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { until } from "../../proving/testkit/src/until.ts";
import type { ByteChannel } from "../src/index.ts";
import { ConnectFailed, ListenFailed, type TcpListener } from "../src/tcp/index.ts";
import {
  connectWebSocket,
  listenWebSocket,
  messageBytesMax,
  type Origins,
  originCheck,
  type WebSocketListenOptions,
} from "../src/websocket/index.ts";
import { host } from "./channel-pairs.ts";
import { answeringEnd, limits } from "./link-end.ts";

const accepted: ByteChannel[] = [];
const refused: string[] = [];
const opened: { destroy(): void }[] = [];
const listeners: TcpListener[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const each of [...opened.splice(0), ...accepted.splice(0)]) each.destroy();
  for (const listener of listeners.splice(0)) await listener.stop();
  refused.length = 0;
});

async function listen(options: Partial<WebSocketListenOptions> = {}): Promise<number> {
  const listener = await listenWebSocket({ host, port: 0 }, (channel) => accepted.push(channel), {
    isOriginAllowed: () => false,
    refused: ({ why }) => refused.push(why),
    ...options,
  });
  listeners.push(listener);
  return listener.address.port;
}

/** Opens a socket of the library. The tests use it for actions that a channel does not have. */
function clientSocket(port: number, options: { origin?: string } = {}): WebSocket {
  const socket = new WebSocket(`ws://${host}:${port}`, options);
  socket.on("error", () => {});
  opened.push({ destroy: () => socket.terminate() });
  return socket;
}

async function openSocket(port: number): Promise<{ socket: WebSocket; far: ByteChannel }> {
  const socket = clientSocket(port);
  const far = await until(() => accepted.at(-1), { what: "accepted" });
  await until(() => socket.readyState === WebSocket.OPEN, { what: "open" });
  return { socket, far };
}

/**
 * Sends this text over plain TCP. `heard` resolves to everything that was received when the connection is
 * closed.
 */
function rawSocket(
  port: number,
  text = "",
): { readonly socket: net.Socket; readonly heard: Promise<string> } {
  const socket = net.connect({ host, port }, () => socket.write(text));
  opened.push(socket);
  let heard = "";
  socket.on("data", (chunk) => {
    heard += chunk.toString();
  });
  socket.on("error", () => {});
  return { socket, heard: new Promise((resolve) => socket.on("close", () => resolve(heard))) };
}

class Ear {
  readonly heard: number[] = [];
  readonly ends: (string | undefined)[] = [];

  constructor(channel: ByteChannel) {
    channel.listen({
      bytes: (chunk) => this.heard.push(...chunk),
      closed: (why) => this.ends.push(why),
    });
  }

  async end(): Promise<string | undefined> {
    await until(() => this.ends.length > 0, { what: "the end is told" });
    expect(this.ends).toHaveLength(1);
    return this.ends[0];
  }
}

const closeCode = (socket: WebSocket): Promise<number> =>
  new Promise((resolve) => socket.on("close", (code) => resolve(code)));

describe("over WebSocket,", () => {
  test("message boundaries mean nothing: bytes arrive as a stream, empty messages as nothing", async () => {
    const { socket, far } = await openSocket(await listen());
    const ear = new Ear(far);
    for (const part of [[1, 2], [], [3], [4, 5, 6]]) socket.send(new Uint8Array(part));
    await until(() => ear.heard.length === 6, { what: "all bytes" });
    expect(ear.heard).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test("a message in parts counts as one", async () => {
    const { socket, far } = await openSocket(await listen());
    const ear = new Ear(far);
    socket.send(new Uint8Array([1]), { fin: false });
    socket.send(new Uint8Array([2]), { fin: true });
    await until(() => ear.heard.length === 2, { what: "both parts" });
  });

  test("text is nonsense: the connection ends with 1003, earlier bytes arrive, later ones do not", async () => {
    const { socket, far } = await openSocket(await listen());
    const ear = new Ear(far);
    const code = closeCode(socket);
    socket.send(new Uint8Array([1]));
    socket.send("hello");
    socket.send(new Uint8Array([2]));
    expect(await ear.end()).toBe("sent nonsense: text where bytes were expected");
    far.destroy();
    expect(await code).toBe(1003);
    expect(ear.heard).toEqual([1]);
  });

  test("a message that is too long ends the connection with 1009 before its body is read", async () => {
    const { socket, far } = await openSocket(await listen());
    const ear = new Ear(far);
    const code = closeCode(socket);
    socket.send(new Uint8Array(messageBytesMax + 1));
    expect(await ear.end()).toMatch(/^sent nonsense: WS_ERR_UNSUPPORTED_MESSAGE_LENGTH$/);
    far.destroy();
    expect(await code).toBe(1009);
    expect(ear.heard).toEqual([]);
  });

  test("so does a message whose parts together are too long, and a message in too many parts", async () => {
    const port = await listen();
    const long = await openSocket(port);
    const ear = new Ear(long.far);
    for (let part = 0; part < 3; part += 1)
      long.socket.send(new Uint8Array(messageBytesMax / 2), { fin: false });
    expect(await ear.end()).toMatch("WS_ERR_UNSUPPORTED_MESSAGE_LENGTH");

    accepted.length = 0;
    const many = await openSocket(port);
    const other = new Ear(many.far);
    for (let part = 0; part < 200; part += 1) many.socket.send(new Uint8Array(1), { fin: false });
    expect(await other.end()).toMatch("WS_ERR_TOO_MANY_BUFFERED_PARTS");
  });

  test("malformed frames end the connection", async () => {
    const port = await listen();
    const { socket } = rawSocket(port, upgradeTo(port));
    const far = await until(() => accepted[0], { what: "accepted" });
    const ear = new Ear(far);
    socket.write(new Uint8Array(64).fill(0xff));
    expect(await ear.end()).toMatch(/^sent nonsense: WS_ERR_/);
  });

  test("a client that pings and does not read the answers is cut off", async () => {
    const port = await listen();
    const { socket } = rawSocket(port, upgradeTo(port));
    const ear = new Ear(await until(() => accepted[0], { what: "accepted" }));
    socket.pause();
    const ping = Buffer.alloc(6 + 125);
    ping.set([0x89, 0x80 | 125]);
    const flood = (): void => {
      for (let more = 0; more < 1_000 && socket.writable; more += 1) socket.write(ping);
    };
    await until(() => (flood(), ear.ends.length > 0), { what: "the end is told" });
  });

  test("a reader that is too slow is cut off", async () => {
    const { socket, far } = await openSocket(await listen());
    const { link, told } = answeringEnd(far);
    socket.pause();
    const some = { type: "keeper.told", news: "n".repeat(limits.outputBytesMax / 4) } as const;
    await until(
      () => {
        link.notify(some);
        return !link.isOpen;
      },
      { what: "the link gives up" },
    );
    expect(await told.reason()).toEqual({ type: "slow-reader" });
  });

  test("a peer that never completes the close is cut off", async () => {
    const port = await listen();
    const { socket, heard } = rawSocket(port, upgradeTo(port));
    const far = await until(() => accepted[0], { what: "accepted" });
    const ear = new Ear(far);
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    far.close();
    vi.advanceTimersByTime(2_000);
    vi.useRealTimers();
    await ear.end();
    socket.end();
    await heard;
  });
});

/** Returns the first request of a WebSocket client, written without a library. */
const upgradeTo = (port: number, ...headers: readonly string[]): string =>
  [
    "GET / HTTP/1.1",
    `Host: ${host}:${port}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ...headers,
    "",
    "",
  ].join("\r\n");

describe("the handshake", () => {
  test("that does not start or does not finish is closed in time", async () => {
    const port = await listen({ handshakeMs: 50 });
    const silent = rawSocket(port);
    const halfDone = rawSocket(port, upgradeTo(port).slice(0, 60));
    expect(await Promise.all([silent.heard, halfDone.heard])).toEqual(["", ""]);
    await until(() => refused.length === 2, { what: "both are told" });
    expect(refused).toEqual(["handshake: took longer than 50 ms", "handshake: took longer than 50 ms"]);
  });

  test("has no deadline any more once it is done", async () => {
    const port = await listen({ handshakeMs: 500 });
    const { socket, far } = await openSocket(port);
    const ear = new Ear(far);
    await rawSocket(port).heard;
    socket.send(new Uint8Array([1]));
    await until(() => ear.heard.length === 1, { what: "still open" });
  });

  test("is closed, the oldest first, when too many are under way, so that a new one gets through", async () => {
    const port = await listen({ handshakesMax: 3 });
    const silent = Array.from({ length: 10 }, () => rawSocket(port));
    await until(() => silent.filter(({ socket }) => socket.closed).length === 7, {
      what: "seven are closed",
    });
    await openSocket(port);
  });

  test("with a request that is no upgrade is answered with the purpose of the port", async () => {
    const port = await listen();
    expect(await rawSocket(port, `GET / HTTP/1.1\r\nHost: x\r\n\r\n`).heard).toMatch(
      /^HTTP\/1\.1 426 Upgrade Required[^]*This port speaks WebSocket\.\n$/,
    );
  });

  test("with bytes that are no HTTP, or too many, is closed", async () => {
    const port = await listen();
    expect(await rawSocket(port, "\0\0\0\x18 no HTTP\r\n\r\n").heard).toMatch(/^HTTP\/1\.1 400 /);
    const tooLong = upgradeTo(port, `Cookie: ${"x".repeat(10_000)}`);
    expect(await rawSocket(port, tooLong).heard).toMatch(/^HTTP\/1\.1 431 /);
  });
});

describe("a page's origin", () => {
  const answerTo = async (origins: Origins, origin: string): Promise<string> => {
    const port = await listen({ isOriginAllowed: originCheck(origins) });
    const { socket, heard } = rawSocket(port, upgradeTo(port, `Origin: ${origin}`));
    socket.once("data", () => socket.end());
    return (await heard).split("\r\n", 1)[0] ?? "";
  };
  const letIn = "HTTP/1.1 101 Switching Protocols";
  const keptOut = "HTTP/1.1 403 Forbidden";
  const ownHosts = { hosts: ["play.example.org", "10.0.0.7"] };

  test.each([
    ["http://localhost:5173", letIn],
    ["http://127.0.0.1", letIn],
    ["http://[::1]:80", letIn],
    ["https://play.example.org", letIn],
    ["http://10.0.0.7:8080", letIn],
    ["https://example.org", keptOut],
    ["https://play.example.org.evil.example", keptOut],
    ["https://127.0.0.1.evil.example", keptOut],
    ["http://localhost.evil.example", keptOut],
    ["null", keptOut],
    ["", keptOut],
    ["file://", keptOut],
  ])("is checked if only own hosts are allowed: %s is answered %s", async (origin, answer) => {
    expect(await answerTo(ownHosts, origin)).toBe(answer);
  });

  test("is compared whole with a list, and not at all if any is allowed", async () => {
    const listed = ["https://play.example.org"];
    expect(await answerTo(listed, "https://play.example.org")).toBe(letIn);
    expect(await answerTo(listed, "http://play.example.org")).toBe(keptOut);
    expect(await answerTo(listed, "https://play.example.org:8443")).toBe(keptOut);
    expect(await answerTo(listed, "http://localhost")).toBe(keptOut);
    expect(await answerTo("any", "https://evil.example")).toBe(letIn);
    expect(await answerTo("any", "null")).toBe(letIn);
  });

  test("is not needed from a client that is no browser and sends none", async () => {
    const port = await listen({ isOriginAllowed: () => false });
    await openSocket(port);
  });
});

describe("connecting by WebSocket", () => {
  test("to a port without a listener fails with the address", async () => {
    const port = await listen();
    await listeners.splice(0)[0]?.stop();
    const attempt = connectWebSocket(`ws://${host}:${port}`, 5_000);
    await expect(attempt).rejects.toThrow(ConnectFailed);
    await expect(attempt).rejects.toThrow(`ws://${host}:${port}: ECONNREFUSED`);
  });

  test("to a server that speaks no WebSocket, or does not answer, fails within the bound", async () => {
    const silent = net.createServer();
    await new Promise<void>((resolve) => silent.listen(0, host, resolve));
    const { port } = silent.address() as net.AddressInfo;
    await expect(connectWebSocket(`ws://${host}:${port}`, 50)).rejects.toThrow("no answer within 50 ms");
    silent.close();
  });

  test("does not follow redirects", async () => {
    const port = await listen();
    const elsewhere = net.createServer((socket) =>
      socket.end(`HTTP/1.1 302 Found\r\nLocation: ws://${host}:${port}\r\nContent-Length: 0\r\n\r\n`),
    );
    await new Promise<void>((resolve) => elsewhere.listen(0, host, resolve));
    const at = (elsewhere.address() as net.AddressInfo).port;
    await expect(connectWebSocket(`ws://${host}:${at}`, 5_000)).rejects.toThrow("302");
    elsewhere.close();
  });
});

test("listening on a port in use fails with the address", async () => {
  const port = await listen();
  const second = listenWebSocket({ host, port }, () => {}, { isOriginAllowed: () => true });
  await expect(second).rejects.toThrow(ListenFailed);
  await expect(second).rejects.toThrow(`cannot listen on ${host}:${port}: already in use`);
});

test("a stopped listener keeps the open channels and cuts off handshakes", async () => {
  const port = await listen();
  const { socket, far } = await openSocket(port);
  const ear = new Ear(far);
  const halfDone = rawSocket(port, upgradeTo(port).slice(0, 60));
  await until(() => halfDone.socket.bytesWritten > 0, { what: "the handshake begins" });
  await listeners.splice(0)[0]?.stop();
  await halfDone.heard;
  socket.send(new Uint8Array([42]));
  await until(() => ear.heard.length === 1, { what: "it is heard" });
});
