import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ByteStream } from "../src/index.ts";

let server: Server;
let stream: ByteStream;
let peer: Socket;

beforeEach(async () => {
  server = createServer();
  await new Promise<void>((resolve) => void server.listen({ host: "127.0.0.1", port: 0 }, resolve));
  const connected = new Promise<Socket>((resolve) => void server.once("connection", resolve));
  stream = await ByteStream.open({ host: "127.0.0.1", port: (server.address() as AddressInfo).port });
  peer = await connected;
});
afterEach(async () => {
  stream.destroy();
  peer.destroy();
  await new Promise((resolve) => server.close(resolve));
});

const hasAll = (text: string) => () => stream.unread.includes(text);

test("a wait for a while leaves the connection as it is", async () => {
  expect(await stream.within(10, hasAll("never"))).toBe(false);
  peer.write("later");
  expect(await stream.within(60_000, hasAll("later"))).toBe(true);
});

test("a read that takes longer than the patience ends the connection", async () => {
  stream.patienceMs = 10;
  expect(await stream.take(1)).toBe(null);
  await stream.closed;
});

test("each of several waits ends when what it waits for is there", async () => {
  stream.patienceMs = Number.POSITIVE_INFINITY;
  const waits = Promise.all([stream.until(hasAll("one")), stream.until(hasAll("two"))]);
  const heard: string[] = [];
  stream.onBytes = (chunk) => heard.push(chunk.toString());
  peer.write("one");
  await stream.until(hasAll("one"));
  peer.write("two");
  expect(await waits).toEqual([true, true]);
  expect(heard.join("")).toBe("onetwo");
});

test("what is waited for when the other end closes does not come", async () => {
  const waits = Promise.all([stream.until(hasAll("one")), stream.take(1)]);
  peer.destroy();
  expect(await waits).toEqual([false, null]);
});
