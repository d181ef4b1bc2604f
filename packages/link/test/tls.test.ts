import net from "node:net";
import tls from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { TestAuthority, type TestCertificate } from "../../proving/testkit/src/certificates.ts";
import { until } from "../../proving/testkit/src/until.ts";
import { encodeProxyHeader } from "../src/addresses/index.ts";
import type { ByteChannel } from "../src/index.ts";
import {
  ConnectFailed,
  type ConnectTls,
  connectTcp,
  connectTls,
  type ListenOptions,
  type ListenTls,
  listenTcp,
  type TcpListener,
  type TlsSource,
} from "../src/tcp/index.ts";
import { fixed, host } from "./channel-pairs.ts";

let ours: TestAuthority;
let theirs: TestAuthority;
let server: TestCertificate;
let ca: string;
beforeAll(() => {
  ours = new TestAuthority("ours");
  theirs = new TestAuthority("theirs");
  server = ours.issue(host, "localhost");
  ca = ours.certificate.cert;
});
afterAll(() => {
  ours.remove();
  theirs.remove();
});

const channels: ByteChannel[] = [];
const accepted: ByteChannel[] = [];
const refused: string[] = [];
const listeners: TcpListener[] = [];
const sockets: net.Socket[] = [];
afterEach(async () => {
  for (const channel of [...channels.splice(0), ...accepted.splice(0)]) channel.destroy();
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const listener of listeners.splice(0)) await listener.stop();
  refused.length = 0;
});

async function listen(listenTls: Partial<ListenTls> = {}, options: ListenOptions = {}): Promise<number> {
  const listener = await listenTcp({ host, port: 0 }, (channel) => accepted.push(channel), {
    tls: { source: fixed(server), ...listenTls },
    refused: ({ why }) => refused.push(why),
    ...options,
  });
  listeners.push(listener);
  return listener.address.port;
}

async function connect(port: number, options: ConnectTls = { ca }): Promise<ByteChannel> {
  const channel = await connectTls({ host, port }, 5_000, options);
  channels.push(channel);
  return channel;
}

function rawSocket(port: number): net.Socket {
  const socket = net.connect({ host, port });
  socket.on("error", () => {});
  sockets.push(socket);
  return socket;
}

const untilRefused = (why: string): Promise<unknown> =>
  until(() => refused.includes(why), { what: `refused: ${why}; was ${refused.join(", ")}` });

/** Returns the certificate that the listener shows to a new connection. */
const shownAt = (port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = tls.connect({ host, port, ca }, () => {
      resolve(socket.getPeerX509Certificate()?.toString() ?? "");
      socket.destroy();
    });
    socket.on("error", reject);
  });

class ChangingSource implements TlsSource {
  current: TlsSource["current"];
  readonly #listeners = new Set<() => void>();

  constructor(current: TlsSource["current"]) {
    this.current = current;
  }

  changed(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  change(current: TlsSource["current"]): void {
    this.current = current;
    for (const listener of this.#listeners) listener();
  }

  get listenerCount(): number {
    return this.#listeners.size;
  }
}

describe("connecting by TLS", () => {
  test("to a server whose certificate another authority signed fails, and says why", async () => {
    const port = await listen({ source: fixed(theirs.issue(host)) });
    const attempt = connect(port);
    await expect(attempt).rejects.toThrow(ConnectFailed);
    await expect(attempt).rejects.toThrow(`${host}:${port}: the certificate is not signed by a trusted`);
    expect(accepted).toEqual([]);
  });

  test("to a server whose certificate is for another host fails, unless that name was given", async () => {
    const port = await listen({ source: fixed(ours.issue("alpha.example")) });
    await expect(connect(port)).rejects.toThrow(`${host}:${port}: the certificate is for another name`);
    await connect(port, { ca, name: "alpha.example" });
  });

  test("trusts only the given authority, and not those of the system", async () => {
    const port = await listen();
    await expect(connect(port, {})).rejects.toThrow("not signed by a trusted authority");
    await expect(connect(port, { ca: theirs.certificate.cert })).rejects.toThrow("not signed by a trusted");
  });

  test("to a server that speaks plain TCP fails within the bound", async () => {
    const plain = await listenTcp({ host, port: 0 }, (channel) => {
      accepted.push(channel);
      channel.listen({ bytes: () => channel.destroy(), closed: () => {} });
    });
    listeners.push(plain);
    await expect(connect(plain.address.port)).rejects.toThrow(ConnectFailed);
  });
});

test("a preface is read before the handshake, unencrypted", async () => {
  const port = await listen({}, { isProxy: () => true });
  const source = { host: "192.0.2.7", port: 4711 };
  const preface = encodeProxyHeader({ source, destination: { host, port } });
  const channel = await connect(port, { ca, preface });
  const [there] = await until(() => (accepted.length > 0 ? accepted : null), { what: "it is admitted" });
  expect(there?.remote).toBe("192.0.2.7:4711");
  let heard = "";
  there?.listen({
    bytes: (chunk) => {
      heard += new TextDecoder().decode(chunk);
    },
    closed: () => {},
  });
  channel.send(new TextEncoder().encode("secret"));
  await until(() => heard === "secret", { what: "it is heard" });
});

describe("listening by TLS", () => {
  test("accepts no unencrypted connection, and reports it", async () => {
    const port = await listen();
    const plain = await connectTcp({ host, port }, 5_000);
    channels.push(plain);
    plain.send(new TextEncoder().encode("\0\0\0\x05 hello, hello, hello"));
    await untilRefused("the other end does not speak TLS");
    expect(accepted).toEqual([]);
  });

  test("accepts no version before 1.2", async () => {
    const port = await listen();
    const old = tls.connect({
      host,
      port,
      ca,
      minVersion: "TLSv1",
      maxVersion: "TLSv1.1",
      ciphers: "ALL:@SECLEVEL=0",
    });
    old.on("error", () => {});
    sockets.push(old);
    await until(() => refused.length > 0, { what: "the old client is refused" });
    expect(refused[0]).toMatch(/too old|VERSION|PROTOCOL/);
    expect(accepted).toEqual([]);
  });

  test("closes a handshake that is not finished in time", async () => {
    const port = await listen({}, { handshakeMs: 50 });
    const silent = rawSocket(port);
    await until(() => silent.closed, { what: "the silent connection is closed" });
    await untilRefused("handshake: took longer than 50 ms");
  });

  test("keeps connections that finished the handshake", async () => {
    const port = await listen({}, { handshakeMs: 500 });
    const near = await connect(port);
    const far = await until(() => accepted[0], { what: "accepted" });
    const silent = rawSocket(port);
    await until(() => silent.closed, { what: "the time is over" });
    const heard = new Promise<Uint8Array>((resolve) => far.listen({ bytes: resolve, closed: () => {} }));
    near.send(new Uint8Array([42]));
    expect([...(await heard)]).toEqual([42]);
  });

  test("closes the oldest handshake when too many are under way, so that a new connection gets through", async () => {
    const port = await listen({}, { handshakesMax: 3 });
    const silent = Array.from({ length: 10 }, () => rawSocket(port));
    await until(() => silent.filter(({ closed }) => closed).length === 7, { what: "seven are closed" });
    await connect(port);
    await untilRefused("handshake: too many of one address at once");
  });
});

describe("a certificate that changes", () => {
  test("is shown to new connections, and the open ones stay", async () => {
    const source = new ChangingSource(server);
    const port = await listen({ source });
    const near = await connect(port);
    const far = await until(() => accepted[0], { what: "accepted" });
    const before = await shownAt(port);

    source.change(ours.issue(host));
    expect(await shownAt(port)).not.toBe(before);
    const heard = new Promise<Uint8Array>((resolve) => far.listen({ bytes: resolve, closed: () => {} }));
    near.send(new Uint8Array([42]));
    expect([...(await heard)]).toEqual([42]);
  });

  test("comes with the authority to trust", async () => {
    const source = new ChangingSource({ ...server, ca });
    const port = await listen({ source, clientsMustShow: true });
    source.change({ ...server, ca: theirs.certificate.cert });
    await connect(port, { ca, identity: ours.issue("client") });
    await until(() => refused.length > 0, { what: "a client of the old authority is refused" });
    await connect(port, { ca, identity: theirs.issue("client") });
    await until(() => accepted.length === 1, { what: "a client of the new authority is accepted" });
  });

  test("is not watched after the listener stopped", async () => {
    const source = new ChangingSource(server);
    await listen({ source });
    expect(source.listenerCount).toBe(1);
    await listeners.splice(0)[0]?.stop();
    expect(source.listenerCount).toBe(0);
  });
});

describe("if clients must show a certificate,", () => {
  test("a certificate of the same authority is accepted", async () => {
    const port = await listen({ source: fixed({ ...server, ca }), clientsMustShow: true });
    await connect(port, { ca, identity: ours.issue("client") });
    await until(() => accepted.length === 1, { what: "accepted" });
    expect(refused).toEqual([]);
  });

  test("a client without one, or with one of another authority or self-signed, is refused", async () => {
    const port = await listen({ source: fixed({ ...server, ca }), clientsMustShow: true });
    const gone = async (identity?: TestCertificate): Promise<void> => {
      const channel = await connect(port, { ca, ...(identity === undefined ? {} : { identity }) });
      await new Promise<void>((resolve) => channel.listen({ bytes: () => {}, closed: () => resolve() }));
    };
    await gone();
    await untilRefused("showed no certificate");
    await gone(theirs.issue(host));
    await gone(theirs.certificate);
    await until(() => refused.length === 3, { what: "all three are refused" });
    expect(
      refused.slice(1).every((why) => why.startsWith("the certificate is not signed by a trusted")),
    ).toBe(true);
    expect(accepted).toEqual([]);
  });
});
