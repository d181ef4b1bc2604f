import net from "node:net";
import { afterEach, describe, expect, test, vi } from "vitest";
import { comeAndGo } from "../../proving/testkit/src/come-and-go.ts";
import { until } from "../../proving/testkit/src/until.ts";
import type { ByteChannel } from "../src/index.ts";
import { ConnectFailed, connectTcp, ListenFailed, listenTcp, type TcpListener } from "../src/tcp/index.ts";
import { host } from "./channel-pairs.ts";

const channels: ByteChannel[] = [];
const listeners: TcpListener[] = [];

async function listen(port = 0, connectionsMax?: number): Promise<TcpListener> {
  const options = connectionsMax === undefined ? {} : { connectionsMax };
  const listener = await listenTcp({ host, port }, (channel) => channels.push(channel), options);
  listeners.push(listener);
  return listener;
}

async function connect(port: number): Promise<ByteChannel> {
  const channel = await connectTcp({ host, port }, 5_000);
  channels.push(channel);
  return channel;
}

afterEach(async () => {
  vi.useRealTimers();
  for (const channel of channels.splice(0)) channel.destroy();
  for (const listener of listeners.splice(0)) await listener.stop();
});

describe("connecting", () => {
  test("to a port without a listener fails with the address", async () => {
    const { address, stop } = await listen();
    await stop();
    const attempt = connectTcp(address, 5_000);
    await expect(attempt).rejects.toThrow(ConnectFailed);
    await expect(attempt).rejects.toThrow(`${host}:${address.port}: ECONNREFUSED`);
  });

  test("begins with the preface, from the given address", async () => {
    const { address } = await listen();
    const preface = new Uint8Array([1, 2]);
    const channel = await connectTcp(address, 5_000, { localAddress: "127.0.0.3", preface });
    channel.send(new Uint8Array([3]));
    const near = await until(() => channels[0] ?? null, { what: "the connection to be accepted" });
    expect(near.remote).toMatch(/^127\.0\.0\.3:/);
    const heard: number[] = [];
    near.listen({ bytes: (chunk) => heard.push(...chunk), closed() {} });
    await until(() => heard.length === 3, { what: "the bytes to arrive" });
    expect(heard).toEqual([1, 2, 3]);
    channels.push(channel);
  });

  test("to an unknown host name fails with the name", async () => {
    await expect(connectTcp({ host: "no-such-host.invalid", port: 1 }, 5_000)).rejects.toThrow(
      "no-such-host.invalid:1: ",
    );
  });

  test("that is not answered in time fails", async () => {
    const { address } = await listen();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const attempt = connectTcp(address, 5_000);
    vi.advanceTimersByTime(5_000);
    await expect(attempt).rejects.toThrow(`${host}:${address.port}: no answer within 5000 ms`);
  });
});

describe("listening", () => {
  test("on a port in use fails with the address", async () => {
    const { address } = await listen();
    const second = listen(address.port);
    await expect(second).rejects.toThrow(ListenFailed);
    await expect(second).rejects.toThrow(`cannot listen on ${host}:${address.port}: already in use`);
  });

  test("on port 0 reports the port that it got", async () => {
    expect((await listen()).address.port).toBeGreaterThan(0);
  });

  test("accepts no more connections than its bound", async () => {
    const { address } = await listen(0, 1);
    await connect(address.port);
    await until(() => channels.length === 2, { what: "the first is accepted" });
    const second = await connect(address.port);
    await new Promise<void>((resolve) => second.listen({ bytes: () => {}, closed: () => resolve() }));
    expect(channels).toHaveLength(3);
  });

  test("does not accept a connection that is gone already and has no address any more", async () => {
    const { address } = await listen();
    comeAndGo(address, new Uint8Array([1, 2, 3]));
    const near = await connect(address.port);
    const far = await until(() => channels.find((channel) => channel !== near), { what: "accepted" });
    expect(channels).toEqual([near, far]);
    expect(far.remote).not.toContain("?");
  });

  test("keeps the open channels after it stops", async () => {
    const listener = await listen();
    const near = await connect(listener.address.port);
    const far = await until(() => channels.find((channel) => channel !== near), { what: "accepted" });
    await listener.stop();
    const heard = new Promise<Uint8Array>((resolve) => far.listen({ bytes: resolve, closed: () => {} }));
    near.send(new Uint8Array([42]));
    expect([...(await heard)]).toEqual([42]);
    await expect(connectTcp(listener.address, 5_000)).rejects.toThrow(ConnectFailed);
  });
});

test("a peer that never closes its side is cut off", async () => {
  const { address } = await listen();
  const stubborn = net.connect({ ...address, allowHalfOpen: true });
  stubborn.on("error", () => {});
  try {
    const channel = await until(() => channels[0], { what: "accepted" });
    let isClosed = false;
    channel.listen({ bytes: () => {}, closed: () => (isClosed = true) });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    channel.close();
    vi.advanceTimersByTime(2_000);
    vi.useRealTimers();
    await until(() => isClosed, { what: "the channel is gone" });
  } finally {
    stubborn.destroy();
  }
});
