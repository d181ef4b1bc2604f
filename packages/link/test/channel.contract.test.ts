import { afterEach, describe, expect, test } from "vitest";
import { until } from "../../proving/testkit/src/until.ts";
import type { ByteChannel, Transport } from "../src/index.ts";
import { type ChannelPair, carriers } from "./channel-pairs.ts";

/** Counts the bytes that one end has received, and keeps the first of them. */
class Ear {
  readonly heard: number[] = [];
  byteCount = 0;
  closedCount = 0;

  constructor(channel: ByteChannel) {
    channel.listen({
      bytes: (chunk) => {
        expect(this.closedCount).toBe(0);
        this.byteCount += chunk.length;
        this.heard.push(...chunk.subarray(0, 100 - this.heard.length));
      },
      closed: () => {
        this.closedCount += 1;
      },
    });
  }

  hears(byteCount: number): Promise<unknown> {
    return until(() => this.byteCount >= byteCount, { what: `${byteCount} bytes arrive` });
  }

  isClosed(): Promise<unknown> {
    return until(() => this.closedCount > 0, { what: "the end is told" });
  }
}

const transportOf: { readonly [T in Transport]: RegExp } = {
  memory: /^memory/,
  tcp: /^TCP/,
  tls: /^TLS/,
  wss: /WebSocket over TLS/,
  ws: /WebSocket/,
};

describe.each(carriers)("a channel over %s", (carrier, openPair) => {
  let pair: ChannelPair | undefined;
  const open = async (): Promise<ChannelPair> => {
    pair = await openPair();
    return pair;
  };
  afterEach(() => {
    for (const end of pair ?? []) end.destroy();
  });

  test("names its transport, at both ends", async () => {
    const transports = (await open()).map(({ transport }) => transport);
    const [transport] = Object.entries(transportOf).find(([, named]) => named.test(carrier)) ?? [];
    expect(transports).toEqual([transport, transport]);
  });

  test("carries bytes both ways, in order", async () => {
    const [a, b] = await open();
    const [earA, earB] = [new Ear(a), new Ear(b)];
    for (let byte = 0; byte < 100; byte += 1) a.send(new Uint8Array([byte]));
    b.send(new Uint8Array([7, 8]));
    await Promise.all([earA.hears(2), earB.hears(100)]);
    expect(earA.heard).toEqual([7, 8]);
    expect(earB.heard).toEqual(Array.from({ length: 100 }, (_each, byte) => byte));
  });

  test("never delivers within the call that sends", async () => {
    const [a, b] = await open();
    const ear = new Ear(b);
    a.send(new Uint8Array([1]));
    expect(ear.heard).toEqual([]);
    await ear.hears(1);
  });

  test("keeps bytes that arrive before a listener is set", async () => {
    const [a, b] = await open();
    a.send(new Uint8Array([1, 2, 3]));
    a.close();
    const ear = new Ear(b);
    await ear.isClosed();
    expect(ear.heard).toEqual([1, 2, 3]);
  });

  test("closed here, still delivers all earlier bytes, and tells both ends once", async () => {
    const [a, b] = await open();
    const [earA, earB] = [new Ear(a), new Ear(b)];
    a.send(new Uint8Array(200_000).fill(5));
    a.close();
    a.close();
    await Promise.all([earA.isClosed(), earB.isClosed()]);
    expect(earB.byteCount).toBe(200_000);
    expect([earA.closedCount, earB.closedCount]).toEqual([1, 1]);
  });

  test("destroyed here, tells both ends once", async () => {
    const [a, b] = await open();
    const [earA, earB] = [new Ear(a), new Ear(b)];
    a.destroy();
    a.destroy();
    await Promise.all([earA.isClosed(), earB.isClosed()]);
    expect([earA.closedCount, earB.closedCount]).toEqual([1, 1]);
  });

  test("closed there, accepts bytes and drops them", async () => {
    const [a, b] = await open();
    const ear = new Ear(a);
    new Ear(b);
    b.close();
    await ear.isClosed();
    a.send(new Uint8Array([1]));
    a.close();
    a.destroy();
    expect(ear.closedCount).toBe(1);
  });

  test("cut before a listener is set, still tells it", async () => {
    const [a, b] = await open();
    a.destroy();
    const ear = new Ear(b);
    await ear.isClosed();
    expect(await new Ear(a).isClosed()).toBe(true);
  });

  test("paused, delivers nothing and shows the sender the backlog; resumed, delivers all", async () => {
    const [a, b] = await open();
    const ear = new Ear(b);
    b.pause();
    const total = 24 << 20;
    for (let sent = 0; sent < total; sent += 1 << 20) a.send(new Uint8Array(1 << 20));
    await until(() => a.bufferedBytes() > 0, { what: "output piles up" });
    expect(ear.byteCount).toBeLessThan(total);
    const counted = ear.byteCount;
    await new Promise((resolve) => setImmediate(resolve));
    expect(ear.byteCount).toBe(counted);
    b.resume();
    await ear.hears(total);
    await until(() => a.bufferedBytes() === 0, { what: "the output is gone" });
  });

  test("names its other end", async () => {
    const [a, b] = await open();
    expect(a.remote).not.toBe("");
    expect(a.remote).not.toBe(b.remote);
  });
});

const acceptedEnds = carriers.filter(([name]) => name === "TCP" || name === "TLS, the other way");
describe.each(acceptedEnds)("a half-closed channel over %s", (_, openPair) => {
  test("is reported to the end that asked for it, and still carries bytes from there", async () => {
    const [a, b] = await openPair();
    const ear = new Ear(b);
    let finished = 0;
    let closed = 0;
    a.listen({
      bytes() {},
      closed: () => {
        closed += 1;
      },
      finished: () => {
        finished += 1;
      },
    });
    b.close();
    await until(() => finished === 1, { what: "the other end half-closes" });
    expect(closed).toBe(0);
    a.send(new Uint8Array([1, 2]));
    await ear.hears(2);
    a.close();
    await Promise.all([ear.isClosed(), until(() => closed === 1, { what: "it is closed" })]);
  });
});

const ofServers = carriers.filter(([name]) => name !== "a browser's WebSocket");
describe.each(ofServers)("a channel over %s, as servers have it", (_, openPair) => {
  test("tells the sender when the waiting bytes have left", async () => {
    const [a, b] = await openPair();
    let drained = 0;
    a.listen({
      bytes() {},
      closed() {},
      drained: () => {
        if (a.bufferedBytes() === 0) drained += 1;
      },
    });
    const ear = new Ear(b);
    b.pause();
    for (let sent = 0; sent < 24; sent += 1) a.send(new Uint8Array(1 << 20));
    await until(() => a.bufferedBytes() > 64 << 10, { what: "output piles up" });
    drained = 0;
    b.resume();
    await ear.hears(24 << 20);
    await until(() => drained > 0, { what: "it is told" });
    for (const end of [a, b]) end.destroy();
  });
});
