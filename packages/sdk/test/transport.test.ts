import { type ByteChannel, memoryChannelPair } from "@sallyport/link";
import { describe, expect, it } from "vitest";
import { transportTo as browserTransportTo } from "../src/browser/index.ts";
import { AddressInvalid, createClient, type DoorAddress } from "../src/index.ts";
import { transportTo } from "../src/node/index.ts";
import { webSocketTransport } from "../src/transport.ts";

/** Returns a WebSocket transport, and the list of the addresses to which it has connected. */
function transport(url: string) {
  const opened: string[] = [];
  const open = async (to: string): Promise<ByteChannel> => {
    opened.push(to);
    return memoryChannelPair(["client", to])[0];
  };
  return { ...webSocketTransport(url, open), opened };
}

const next = (wsUrl?: string | null): DoorAddress =>
  wsUrl === undefined ? { host: "h", port: 1 } : { host: "h", port: 1, wsUrl };

describe("an address", () => {
  it.each([
    ["tcp://127.0.0.1", { host: "127.0.0.1", port: 7100 }],
    ["tls://play.example.org:9", { host: "play.example.org", port: 9 }],
    ["tcp://[::1]:7100", { host: "::1", port: 7100 }],
    ["ws://127.0.0.1:7102", { host: "127.0.0.1", port: 7102, wsUrl: "ws://127.0.0.1:7102" }],
    ["wss://[::1]/login", { host: "::1", port: 443, wsUrl: "wss://[::1]/login" }],
  ])("%s leads to a login-server", (url, login) => {
    expect(transportTo(url).login).toEqual(login);
  });

  it.each(["", "127.0.0.1:7100", "https://play.example.org", "tcp://", "tls://h#x", "localhost"])(
    "%j is refused",
    (url) => {
      expect(() => transportTo(url)).toThrow(AddressInvalid);
      expect(() => browserTransportTo(url)).toThrow(AddressInvalid);
    },
  );

  it("that browsers cannot reach is refused in them", () => {
    expect(() => browserTransportTo("tcp://127.0.0.1:7100")).toThrow("ws://host, wss://host");
  });
});

describe("over WebSocket, a client", () => {
  it("goes to the address that servers give for WebSocket, whatever host and port they give for TCP", async () => {
    const { connect, hostOf, opened } = transport("ws://127.0.0.1:7102");
    const door = next("ws://game.example:7202/alpha");
    await connect(door, 1, "char");
    expect(opened).toEqual(["ws://game.example:7202/alpha"]);
    expect(hostOf(door)).toBe("game.example");
  });

  it.each([undefined, null])("stops at a door without WebSocket (%s)", async (wsUrl) => {
    const { connect, hostOf, opened } = transport("ws://127.0.0.1:7102");
    await expect(connect(next(wsUrl), 1, "char")).rejects.toThrow(
      "h:1 is not open to clients over WebSocket",
    );
    expect(hostOf(next(wsUrl))).toBeNull();
    expect(opened).toEqual([]);
  });

  it("that started with TLS continues with TLS or not at all", async () => {
    const { connect, opened } = transport("wss://play.example.org");
    await connect(next("wss://map.example.org"), 1, "char");
    await expect(connect(next("ws://map.example.org"), 1, "char")).rejects.toThrow("which is not secured");
    await expect(connect(next("http://map.example.org"), 1, "char")).rejects.toThrow(AddressInvalid);
    expect(opened).toEqual(["wss://map.example.org"]);
  });

  it("gets the reason why a door cannot be reached", async () => {
    const told: string[] = [];
    const client = createClient({
      ...transport("ws://127.0.0.1:7102"),
      login: next(),
      onUnreachable: (door, why) => told.push(`${door}: ${why}`),
    });
    expect(await client.logIn({ name: "ada", password: "hunter2" })).toMatchObject({
      refusal: "unreachable",
    });
    expect(told).toEqual(["login: h:1 is not open to clients over WebSocket"]);
  });
});
