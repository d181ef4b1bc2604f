import { once } from "node:events";
import net from "node:net";
import { until } from "@sallyport/testkit";
import { encodeFrame } from "@sallyport/wire";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { doorsOf } from "./door-offences.ts";
import { linkPorts } from "./link-offences.ts";
import { named, Scene } from "./scene.ts";

/*
 * Many connections open at once and fall silent at different points. Servers keep none of them for longer
 * than its bound.
 */

interface Silence {
  readonly what: string;
  readonly port: (scene: Scene) => number;
  /** The bytes sent before the silence. */
  readonly says?: Uint8Array | string;
  /** The server writes this log line, with the address of the silent client. */
  readonly line: { readonly msg: string; readonly why: string };
}

const doors = ["login", "char", "map"] as const;
const links = ["login", "char"] as const;
/** The first message of a TLS handshake, without its end. */
const clientHello = Uint8Array.of(0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03);
const upgrade = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: webso";
const upgraded =
  "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

const silent = { msg: "client disconnected", why: "no command: took longer than 15000 ms" };
const noHandshake = {
  msg: "client was not accepted",
  why: "handshake: took longer than 5000 ms",
};
const noLink = { msg: "no link: the TLS handshake failed", why: "handshake: took longer than 5000 ms" };

const silences: readonly Silence[] = [
  ...doors.flatMap((door): Silence[] => [
    { what: `nothing to the ${door} door`, port: (scene) => scene.doors[door].tcp, line: silent },
    {
      what: `half a command to the ${door} door`,
      port: (scene) => scene.doors[door].tcp,
      says: encodeFrame("request", 1, doorsOf[door].command).subarray(0, 12),
      line: silent,
    },
    {
      what: `nothing to the ${door} door's WebSocket`,
      port: (scene) => scene.doors[door].webSocket,
      line: noHandshake,
    },
    {
      what: `half an upgrade to the ${door} door's WebSocket`,
      port: (scene) => scene.doors[door].webSocket,
      says: upgrade,
      line: noHandshake,
    },
    {
      what: `an upgrade to the ${door} door's WebSocket, and no more`,
      port: (scene) => scene.doors[door].webSocket,
      says: upgraded,
      line: silent,
    },
    {
      what: `nothing to the ${door} door's TLS`,
      port: (scene) => scene.securedDoors[door].tcp,
      line: noHandshake,
    },
    {
      what: `half a TLS handshake to the ${door} door`,
      port: (scene) => scene.securedDoors[door].tcp,
      says: clientHello,
      line: noHandshake,
    },
    {
      what: `half a TLS handshake to the ${door} door's WebSocket`,
      port: (scene) => scene.securedDoors[door].webSocket,
      says: clientHello,
      line: noHandshake,
    },
  ]),
  ...links.flatMap((link): Silence[] => {
    const line = {
      msg: `${linkPorts[link].of} was refused`,
      why: "did not prove itself: took longer than 5000 ms",
    };
    return [
      { what: `nothing to the ${link}-server's link port`, port: (scene) => scene.links[link], line },
      {
        what: `half a hello to the ${link}-server's link port`,
        port: (scene) => scene.links[link],
        says: encodeFrame("request", 1, linkPorts[link].hello).subarray(0, 20),
        line,
      },
      {
        what: `a hello to the ${link}-server's link port, and no more`,
        port: (scene) => scene.links[link],
        says: encodeFrame("request", 1, linkPorts[link].hello),
        line,
      },
      {
        what: `nothing to the ${link}-server's link port with TLS`,
        port: (scene) => scene.securedLinks[link],
        line: noLink,
      },
      {
        what: `half a TLS handshake to the ${link}-server's link port`,
        port: (scene) => scene.securedLinks[link],
        says: clientHello,
        line: noLink,
      },
    ];
  }),
];

let scene: Scene;
let before: Record<string, number>;
const connected = new Map<string, { readonly socket: net.Socket; readonly remote: string }>();

beforeAll(async () => {
  scene = await Scene.open();
  before = scene.counts();
  for (const { what, port, says } of silences) {
    const socket = net.connect(port(scene), "127.0.0.1");
    socket.on("error", () => {}).resume();
    await once(socket, "connect");
    connected.set(what, { socket, remote: `127.0.0.1:${socket.localPort}` });
    if (says !== undefined) socket.write(says);
  }
});
afterAll(async () => {
  for (const { socket } of connected.values()) socket.destroy();
  await scene.close();
});

/** The longest bound is 15 seconds. All connections wait at the same time. */

describe("a client or server that sends", () => {
  test.each(named(silences))("%s is disconnected, and that is logged", async (what, { line }) => {
    const { socket, remote } = connected.get(what) ?? expect.unreachable();
    const isTold = () =>
      scene.logbook.lines.find(
        (each) => each.msg === line.msg && each.why === line.why && each["remote"] === remote,
      );
    await until(isTold, { what: `"${line.msg}: ${line.why}" is logged` });
    await until(() => socket.closed, { what: "it is closed" });
  });
});

test("nothing is left of these connections once they are gone, and players play on", async () => {
  await until(() => JSON.stringify(scene.counts()) === JSON.stringify(before), {
    what: "counts are as before",
  });
  await scene.playsOn();
  scene.expectNoSecretTold();
});
