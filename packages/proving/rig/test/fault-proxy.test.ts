import net from "node:net";
import { freePorts, until } from "@sallyport/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Direction, FaultProxy } from "../src/proxies/fault-proxy.ts";

interface End {
  readonly socket: net.Socket;
  heard: string;
  over: string;
}

function endOf(socket: net.Socket): End {
  const end: End = { socket, heard: "", over: "" };
  socket.on("data", (bytes) => {
    end.heard += bytes.toString();
  });
  socket.on("error", (error: NodeJS.ErrnoException) => {
    end.over = error.code ?? error.message;
  });
  socket.on("close", () => {
    end.over ||= "closed";
  });
  return end;
}

let server: net.Server;
let proxy: FaultProxy;
let accepted: End[];
let seen: string[];

beforeEach(async () => {
  const [port = 0, toPort = 0] = await freePorts(2);
  accepted = [];
  seen = [];
  server = net.createServer((socket) => accepted.push(endOf(socket)));
  await new Promise<void>((resolve) => {
    server.listen({ host: "127.0.0.1", port: toPort }, () => resolve());
  });
  proxy = new FaultProxy({
    port,
    to: { port: toPort },
    tap: {
      passed: (connection, way, bytes) => seen.push(`${connection} ${way} ${bytes.toString()}`),
      over: (connection) => seen.push(`${connection} over`),
    },
  });
  await proxy.start();
});
afterEach(async () => {
  await proxy.stop();
  await new Promise((resolve) => server.close(resolve));
});

async function connect(): Promise<{ client: End; peer: End }> {
  const before = accepted.length;
  const client = endOf(net.connect({ host: "127.0.0.1", port: proxy.port }));
  await until(() => accepted.length > before, { what: "a connection is through" });
  return { client, peer: accepted[before] as End };
}
const hears = (end: End, text: string): Promise<unknown> => until(() => end.heard === text, { what: text });
const isOver = (end: End): Promise<unknown> => until(() => end.over, { what: "the end of it" });

describe("a fault proxy", () => {
  test("passes on all bytes both ways, shows them to its tap, and ends when an end does", async () => {
    const { client, peer } = await connect();
    client.socket.write("up");
    await hears(peer, "up");
    peer.socket.write("down");
    await hears(client, "down");
    client.socket.end();
    await isOver(peer);
    await until(() => seen.length === 3, { what: "the tap hears that it is over" });
    expect(seen).toEqual(["1 up up", "1 down down", "1 over"]);
  });

  test.each<[Direction, Direction]>([
    ["up", "down"],
    ["down", "up"],
  ])("holds the bytes that go %s and not those that go %s, and passes them on late", async (held, free) => {
    const { client, peer } = await connect();
    const [from, to] = held === "up" ? [client, peer] : [peer, client];
    proxy.hold([held], "everybody");
    from.socket.write("first,");
    to.socket.write("other way");
    await hears(from, "other way");
    from.socket.write("second");
    expect(seen).toEqual([`1 ${free} other way`]);
    expect(to.heard).toBe("");
    proxy.letGo();
    await hears(to, "first,second");
  });

  test("can hold only the connections that exist, and not later ones", async () => {
    const old = await connect();
    proxy.hold(["up"], "those here");
    old.client.socket.write("late");
    const other = await connect();
    other.client.socket.write("in time");
    await hears(other.peer, "in time");
    expect(old.peer.heard).toBe("");
    proxy.letGo();
    await hears(old.peer, "late");
  });

  test("resets a connection at both ends when it cuts it, and drops the held bytes", async () => {
    const { client, peer } = await connect();
    proxy.hold(["up"], "everybody");
    client.socket.write("never");
    peer.socket.write("but this");
    await hears(client, "but this");
    proxy.cut();
    await isOver(client);
    await isOver(peer);
    expect([client.over, peer.over]).toEqual(["ECONNRESET", "ECONNRESET"]);
    proxy.letGo();
    expect(peer.heard).toBe("");
  });

  test("keeps the order of delayed bytes, even while the delay gets shorter", async () => {
    const { client, peer } = await connect();
    proxy.slowDown(100);
    client.socket.write("1");
    await hears(peer, "1");
    client.socket.write("2");
    proxy.slowDown(0);
    client.socket.write("3");
    await hears(peer, "123");
  });

  test("accepts no connection while it refuses", async () => {
    proxy.refuse(true);
    const refused = endOf(net.connect({ host: "127.0.0.1", port: proxy.port }));
    await isOver(refused);
    expect(accepted).toEqual([]);
    proxy.refuse(false);
    const { client, peer } = await connect();
    client.socket.write("in");
    await hears(peer, "in");
  });

  test("connects from the address of its client, if it is told to", async () => {
    const [port = 0] = await freePorts(1);
    const { port: toPort } = server.address() as net.AddressInfo;
    const keeping = new FaultProxy({ port, to: { port: toPort }, keepsAddresses: true });
    await keeping.start();
    const client = endOf(net.connect({ host: "127.0.0.1", port, localAddress: "127.0.0.9" }));
    await until(() => accepted.length > 0, { what: "a connection is through" });
    expect(accepted[0]?.socket.remoteAddress).toBe("127.0.0.9");
    client.socket.end();
    await keeping.stop();
  });
});
