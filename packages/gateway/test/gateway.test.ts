import { Unavailable } from "@sallyport/domain";
import type { ByteChannel, ChannelListener } from "@sallyport/link";
import { encodeProxyHeader } from "@sallyport/link/addresses";
import { connectTcp } from "@sallyport/link/tcp";
import { comeAndGo, ManualClock, until } from "@sallyport/testkit";
import { encodeFrame } from "@sallyport/wire";
import { describe, expect, test } from "vitest";
import { type Peek, peekNative } from "../src/index.ts";
import { enters, type FakeServer, host, join, joinedAt, open, playing, server } from "./gateway-scene.ts";

/** Acts like a WebSocket: bytes that waited during a pause are delivered before `resume` returns. */
class WaitingChannel implements ByteChannel {
  readonly remote = "192.0.2.1:1";
  readonly transport = "ws";
  readonly #waiting: Uint8Array[] = [];
  #listener: ChannelListener | null = null;
  #isPaused = false;

  says(bytes: Uint8Array): void {
    this.#waiting.push(bytes);
    this.#flow();
  }

  listen(listener: ChannelListener): void {
    this.#listener = listener;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#flow();
  }

  #flow(): void {
    while (!this.#isPaused && this.#waiting.length > 0)
      this.#listener?.bytes(this.#waiting.shift() ?? new Uint8Array(0));
  }

  send(): void {}
  bufferedBytes = (): number => 0;
  close = (): void => this.#listener?.closed();
  destroy = (): void => this.#listener?.closed();
}

describe("a client that shows an account", () => {
  test("is joined to the server that has its character, which gets all bytes unchanged", async () => {
    const [one, two] = [await server("map-1"), await server("map-2")];
    const { connect, counted } = await open({ servers: [one, two], lock: async () => playing("map-2") });
    const client = await connect();
    const more = new Uint8Array([1, 2, 3]);
    for (const byte of enters) client.channel.send(new Uint8Array([byte]));
    client.channel.send(more);
    const there = await joinedAt(two);
    await there.hears(new Uint8Array([...enters, ...more]));
    there.channel.send(new Uint8Array([9, 8]));
    await client.hears(new Uint8Array([9, 8]));
    expect(one.clients).toEqual([]);
    expect(counted).toContain("gatewayRoutes map owner");
  });

  test("is read once before it is joined, however its bytes are cut", async () => {
    const only = await server("map-1");
    let readBytes = 0;
    const peek: Peek = () => {
      const peekOn = peekNative();
      return (chunk) => {
        readBytes += chunk.length;
        return peekOn(chunk);
      };
    };
    const { connect } = await open({ servers: [only], peek });
    const client = await connect();
    for (const [sent, byte] of enters.entries()) {
      await until(() => readBytes === sent, { what: `${sent} bytes are read` });
      client.channel.send(new Uint8Array([byte]));
    }
    await (await joinedAt(only)).hears(enters);
    expect(readBytes).toBe(enters.length);
  });

  test("is passed on in order if more bytes wait when it is joined", async () => {
    const only = await server("map-1");
    const { gateway, listener } = await open({ servers: [only] });
    const client = new WaitingChannel();
    gateway.accept(client, { door: "map", dialect: "native", peek: peekNative, address: listener.address });
    client.says(enters);
    client.says(new Uint8Array([1, 2]));
    client.says(new Uint8Array([3]));
    await (await joinedAt(only)).hears(new Uint8Array([...enters, 1, 2, 3]));
  });

  test("is announced to the server by a PROXY header, if that is set", async () => {
    const only = await server("map-1");
    const { connect, listener } = await open({ servers: [only], options: { sendProxy: true } });
    const client = await connect();
    client.channel.send(enters);
    const there = await joinedAt(only);
    await until(() => there.byteCount === 28 + enters.length, { what: "header and message arrive" });
    const port = there.heard.readUInt16BE(24);
    const header = encodeProxyHeader({ source: { host, port }, destination: listener.address });
    expect(there.heard).toEqual(Buffer.from([...header, ...enters]));
    expect(port).not.toBe(listener.address.port);
  });

  test("is announced by a PROXY header even if the door was given by a name", async () => {
    const only = await server("map-1");
    const at = { host: "localhost", port: 7400 };
    const { connect } = await open({ servers: [only], options: { sendProxy: true }, at });
    (await connect()).channel.send(enters);
    const there = await joinedAt(only);
    await until(() => there.byteCount === 28 + enters.length, { what: "header and message arrive" });
  });

  test("whose character has no owner, or an owner without connections, is led to any server", async () => {
    const [gone, here] = [await server("map-1"), await server("map-2")];
    await gone.listener.stop();
    let lock: string | null = null;
    const { connect, counted } = await open({ servers: [gone, here], lock: async () => lock });
    for (const value of [null, playing("map-1"), playing("map-9")]) {
      lock = value;
      (await connect()).channel.send(enters);
    }
    await until(() => here.clients.length === 3, { what: "all three are led to the other" });
    expect(counted.filter((each) => each === "gatewayRoutes map any")).toHaveLength(3);
    expect(counted).toContain("gatewayUnreached map");
  });

  test("that left before it was joined no longer counts there", async () => {
    const [first, second] = [await server("map-1"), await server("map-2")];
    let goOn = (): void => {};
    const isHeldUp = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    let asked = 0;
    const { gateway, connect, listener } = await open({
      servers: [first, second],
      options: {
        connect: async (door) => {
          asked += 1;
          if (asked === 1) await isHeldUp;
          return connectTcp(door, 2_000);
        },
      },
    });
    const client = new WaitingChannel();
    gateway.accept(client, { door: "map", dialect: "native", peek: peekNative, address: listener.address });
    client.says(enters);
    await until(() => asked === 1, { what: "a server is connected to" });
    client.destroy();
    goOn();
    const there = await joinedAt(first);
    await until(() => there.hasHeardEnd, { what: "the server is told" });
    // The list begins with the first server. So the gateway would choose it again if it seemed empty.
    (await connect()).channel.send(enters);
    await until(() => first.clients.length + second.clients.length === 2, { what: "another one is joined" });
    expect(second.clients).toEqual([]);
  });

  test("finds a server that appeared after the directory was last read", async () => {
    const servers: FakeServer[] = [await server("map-1")];
    const { connect } = await open({ servers, lock: async () => playing("map-2") });
    const late = await server("map-2");
    servers.push(late);
    (await connect()).channel.send(enters);
    await joinedAt(late);
  });

  test("is closed if no server is up, or the lock store does not answer", async () => {
    const nobody = await open({});
    const [lost, asking] = [await nobody.connect(), await server("map-1")];
    lost.channel.send(enters);
    await lost.untilClosed();
    expect(nobody.counted).toContain("clientsEnded map no-server");
    const away = await open({
      servers: [asking],
      lock: () => Promise.reject(new Unavailable("Redis is away")),
    });
    const client = await away.connect();
    client.channel.send(enters);
    await client.untilClosed();
    expect(away.counted).toContain("clientsEnded map unavailable");
    expect(asking.clients).toEqual([]);
  });
});

describe("two joined streams", () => {
  test("end together when the server ends, after all of its bytes", async () => {
    const { client, there, counted } = await join();
    there.channel.send(new Uint8Array(300_000).fill(1));
    there.channel.close();
    await client.untilClosed();
    expect(client.byteCount).toBe(300_000);
    expect(counted).toContain("clientsEnded map server");
  });

  test("end together when the server's connection is reset", async () => {
    const { client, there } = await join();
    there.channel.destroy();
    await client.untilClosed();
  });

  test("end when the server is off the list and silent, like one whose machine is gone, and not before", async () => {
    const [gone, quiet] = [await server("map-1"), await server("map-2")];
    const namesake = await server("map-1", { kind: "login", world: null });
    const listed = [gone, quiet, namesake];
    const { connect, counted } = await open({ servers: listed, bounds: { goneMs: 1 } });
    const clients = [await connect(), await connect()];
    for (const client of clients) client.channel.send(enters);
    await until(() => gone.clients.length + quiet.clients.length === 2, { what: "both are joined" });
    expect(gone.clients).toHaveLength(1);
    listed.shift();
    await until(() => clients.some(({ isClosed }) => isClosed), { what: "one of them ends" });
    expect(clients.filter(({ isClosed }) => isClosed)).toHaveLength(1);
    expect(counted.filter((each) => each === "clientsEnded map server-gone")).toHaveLength(1);
  });

  test("end together when the client disconnects", async () => {
    const { client, there, gateway } = await join();
    client.channel.destroy();
    await until(() => there.hasHeardEnd || there.isClosed, { what: "the server is told" });
    await until(() => gateway.clientCount === 0, { what: "nothing is left of it" });
  });

  test("end together when the client's connection is lost without a word", async () => {
    const only = await server("map-1");
    const { gateway, listener } = await open({ servers: [only] });
    const client = new WaitingChannel();
    gateway.accept(client, { door: "map", dialect: "native", peek: peekNative, address: listener.address });
    client.says(enters);
    const there = await joinedAt(only);
    client.destroy();
    await until(() => there.hasHeardEnd, { what: "the server is told" });
  });

  test("let the server answer a client that half-closed", async () => {
    const { client, there, counted } = await join({ isHalfOpen: true });
    there.isTalkative = true;
    client.channel.send(new Uint8Array([5]));
    client.channel.close();
    await until(() => there.hasHeardEnd, { what: "the server notices the half-close" });
    there.channel.send(new Uint8Array([6, 7]));
    there.channel.close();
    await client.hears(new Uint8Array([6, 7]));
    await client.untilClosed();
    expect(counted).toContain("clientsEnded map client");
  });

  test.each(["client", "server"] as const)(
    "buffer almost no bytes that the %s does not read",
    async (slow) => {
      const { client, there, gateway } = await join();
      const [from, to] = slow === "client" ? [there, client] : [client, there];
      const already = to.byteCount;
      to.channel.pause();
      const total = 64 << 20;
      let most = 0;
      for (let sent = 0; sent < total; sent += 1 << 20) {
        from.channel.send(new Uint8Array(1 << 20));
        await new Promise((resolve) => setImmediate(resolve));
        most = Math.max(most, gateway.waitingBytes);
      }
      await until(() => gateway.waitingBytes > 0, { what: "something waits" });
      // The operating system buffers a few MiB. All further bytes wait at the sender.
      expect(from.channel.bufferedBytes()).toBeGreaterThan(total / 2);
      to.channel.resume();
      await until(
        () => {
          most = Math.max(most, gateway.waitingBytes);
          return to.byteCount - already === total;
        },
        { what: "all of it arrives" },
      );
      expect(most).toBeLessThanOrEqual((64 << 10) + (64 << 10));
    },
  );
});

test("a client that reads nothing is disconnected, and a client with nothing to read is not", async () => {
  const only = await server("map-1");
  const { client, there, counted, connect, gateway } = await join({ only, bounds: { unreadMs: 1 } });
  const quiet = await connect();
  quiet.channel.send(enters);
  await until(() => only.clients.length === 2, { what: "the other one is joined" });
  client.channel.pause();
  const flood = () => there.channel.send(new Uint8Array(1 << 20)) === undefined && gateway.waitingBytes > 0;
  await until(flood, { what: "something waits" });
  there.channel.destroy();
  await until(() => gateway.clientCount === 1, { what: "one of them is cut off" });
  expect(counted).toContain("clientsEnded map not-reading");
  expect(quiet.isClosed).toBe(false);
});

describe("a gateway", () => {
  test("accepts a limited number of connections, and a limited number from one address", async () => {
    for (const [bound, why] of [
      ["clientsMax", "full"],
      ["clientsPerAddressMax", "address"],
    ] as const) {
      const { connect, counted, gateway } = await open({ bounds: { [bound]: 2 } });
      const [first] = [await connect(), await connect()];
      await until(() => gateway.clientCount === 2, { what: "both are in" });
      await (await connect()).untilClosed();
      expect(counted).toContain(`clientsTurnedAway map ${why}`);
      first?.channel.destroy();
      await until(() => gateway.clientCount === 1, { what: "there is room" });
      await connect();
      await until(() => gateway.clientCount === 2, { what: "another is admitted" });
    }
  });

  test("accepts only a first message that arrives in time and is not too long", async () => {
    const hasty = await open({ bounds: { firstCommandMs: 30 } });
    await (await hasty.connect()).untilClosed();
    expect(hasty.counted).toContain("clientsEnded map no-command");
    const { connect, counted } = await open({});
    const pings = await connect();
    for (let count = 0; count < 500; count += 1) pings.channel.send(encodeFrame("ping", 0));
    await pings.untilClosed();
    expect(counted).toContain("clientsEnded map first-bytes");
  });

  test("stops looking for a server when the client's time is over", async () => {
    const clock = new ManualClock();
    let asked = 0;
    const { connect, counted } = await open({
      servers: [await server("map-1")],
      lock: async () => {
        asked += 1;
        return playing("map-9");
      },
      host: { clock },
      bounds: { firstCommandMs: 1_000, unreachedMs: 60_000 },
    });
    const client = await connect();
    client.channel.send(enters);
    await until(() => asked > 0, { what: "its server is looked for" });
    await clock.advance(1_000);
    await client.untilClosed();
    expect(counted).toContain("clientsEnded map no-command");
    await clock.advance(500);
    const before = asked;
    expect(before).toBeGreaterThan(2);
    await clock.advance(60_000);
    expect(asked).toBe(before);
  });

  test("refuses bytes that no server would understand", async () => {
    const { connect, counted } = await open({ servers: [await server("map-1")] });
    const client = await connect();
    client.channel.send(Buffer.from("GET / HTTP/1.1\r\n\r\n"));
    await client.untilClosed();
    expect(counted).toContain("clientsEnded map first-bytes");
  });

  test("joins no client that is gone already, whatever it sent", async () => {
    const only = await server("map-1");
    const { connect, listener } = await open({ servers: [only], options: { sendProxy: true } });
    comeAndGo(listener.address, enters);
    (await connect()).channel.send(enters);
    await joinedAt(only);
    expect(only.clients).toHaveLength(1);
  });

  test("accepts nothing after it stops, and both ends of joined streams are told", async () => {
    const only = await server("map-1");
    const { connect, gateway, counted } = await open({ servers: [only] });
    const client = await connect();
    client.channel.send(enters);
    const there = await joinedAt(only);
    const stopped = gateway.stop();
    await client.untilClosed();
    await until(() => there.hasHeardEnd, { what: "the server is told" });
    await (await connect()).untilClosed();
    await stopped;
    expect(counted).toContain("clientsTurnedAway map stopping");
  });
});
