import { connect } from "node:net";
import { systemClock } from "@sallyport/clock";
import type { ByteChannel } from "@sallyport/link";
import {
  doorFor,
  doorSettings,
  type Environment,
  openDoor,
  publicSettings,
  Refusals,
  readSettings,
  readTogether,
  SettingsInvalid,
} from "@sallyport/server-kit";
import { testHost, until } from "@sallyport/testkit";
import { afterEach, describe, expect, test } from "vitest";
import { publicAddressOf, publicChecks } from "../src/tiers/public-place.ts";
import { ragnarokSettings } from "../src/tiers/ragnarok-doors.ts";

const settings = { ...doorSettings("CHAR", 7200), ...publicSettings("CHAR"), ...ragnarokSettings.char };
const door = {
  address: { host: "0.0.0.0", port: 7200 },
  webSocket: { host: "0.0.0.0", port: 7202 },
  isSecure: false,
  stop: async () => {},
};
const ragnarok = { address: { host: "0.0.0.0", port: 6121 }, stop: async () => {} };
const addressIn = (environment: Environment) =>
  publicAddressOf(readSettings(settings, environment), { native: door, ragnarok });

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

describe("a client is sent", () => {
  const lan = { CHAR_PUBLIC_HOST: "203.0.113.9,192.168.0.0/16=192.168.1.10" };

  test("to the host for its network, in any dialect and over any transport", () => {
    const address = addressIn(lan);
    expect(doorFor(address, "198.51.100.4:5000")).toEqual({
      ...{ host: "203.0.113.9", port: 7200, wsUrl: "ws://203.0.113.9:7202" },
      otherDoors: [{ dialect: "ragnarok", host: "203.0.113.9", port: 6121 }],
    });
    for (const remote of ["192.168.7.7:5000", "::ffff:192.168.7.7:5000"])
      expect(doorFor(address, remote)).toEqual({
        ...{ host: "192.168.1.10", port: 7200, wsUrl: "ws://192.168.1.10:7202" },
        otherDoors: [{ dialect: "ragnarok", host: "192.168.1.10", port: 6121 }],
      });
  });

  test("to the port, URL and IPv4 address for its network, if these are set", () => {
    const address = addressIn({
      CHAR_PUBLIC_HOST: "play.example.org,192.168.0.0/16=game.lan",
      CHAR_PUBLIC_PORT: "17200,192.168.0.0/16=7200",
      CHAR_PUBLIC_WS_URL: "wss://play.example.org/a,192.168.0.0/16=ws://game.lan:7202",
      RAGNAROK_PUBLIC_IP: "203.0.113.9,192.168.0.0/16=192.168.1.10,192.168.5.0/24=192.168.5.1",
      RAGNAROK_CHAR_PUBLIC_PORT: "16121,192.168.0.0/16=6121",
    });
    const ragnarokOf = (remote: string) => doorFor(address, remote).otherDoors[0];
    expect(doorFor(address, "198.51.100.4:5000")).toMatchObject({
      ...{ host: "play.example.org", port: 17_200, wsUrl: "wss://play.example.org/a" },
    });
    expect(ragnarokOf("198.51.100.4:5000")).toMatchObject({ host: "203.0.113.9", port: 16_121 });
    const near = { host: "game.lan", port: 7_200, wsUrl: "ws://game.lan:7202" };
    expect(doorFor(address, "192.168.1.1:5000")).toMatchObject(near);
    expect(ragnarokOf("192.168.1.1:5000")).toMatchObject({ host: "192.168.1.10", port: 6_121 });
    expect(doorFor(address, "192.168.5.5:5000")).toMatchObject(near);
    expect(ragnarokOf("192.168.5.5:5000")).toMatchObject({ host: "192.168.5.1", port: 6_121 });
  });

  test("by the address in a PROXY header or X-Forwarded-For", async () => {
    const channels: ByteChannel[] = [];
    const values = readSettings(settings, {
      ...{ ...lan, CHAR_PORT: "0", CHAR_WS_PORT: "0", PROXY_FROM: "127.0.0.1" },
    });
    const refusals = new Refusals(testHost({ clock: systemClock }), { door: "char" });
    const opened = await openDoor(values, { tls: null, refusals }, (channel) => channels.push(channel));
    stops.push(() => opened.stop());
    const upgrade = [
      "GET / HTTP/1.1",
      "Host: here",
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ];
    const saying = [
      [opened.address.port, "PROXY TCP4 192.168.7.7 127.0.0.1 5000 1\r\n"],
      [opened.address.port, "PROXY TCP4 198.51.100.4 127.0.0.1 5000 1\r\n"],
      [opened.webSocket?.port ?? 0, [...upgrade, "X-Forwarded-For: 192.168.7.7", "", ""].join("\r\n")],
      [opened.webSocket?.port ?? 0, [...upgrade, "X-Forwarded-For: 198.51.100.4", "", ""].join("\r\n")],
    ] as const;
    const hosts: string[] = [];
    for (const [nth, [port, said]] of saying.entries()) {
      const socket = connect({ port, host: "127.0.0.1" }, () => socket.write(said));
      socket.on("error", () => {});
      stops.push(() => socket.destroy());
      const channel = await until(() => channels[nth], { what: "it is admitted" });
      hosts.push(doorFor(publicAddressOf(values, { native: opened, ragnarok: null }), channel.remote).host);
    }
    expect(hosts).toEqual(["192.168.1.10", "203.0.113.9", "192.168.1.10", "203.0.113.9"]);
  });
});

describe("an address to which clients cannot be sent", () => {
  const check = (environment: Environment) => readTogether(publicChecks("CHAR", settings, environment));

  test.each([
    [{ CHAR_PUBLIC_HOST: "play.example.org,10.0.0.0/8=0.0.0.0" }, "CHAR_PUBLIC_HOST must be set"],
    [
      {
        ...{ CHAR_PUBLIC_HOST: "203.0.113.9,10.0.0.0/8=game.lan", RAGNAROK_CHAR_PORT: "6121" },
      },
      "RAGNAROK_PUBLIC_IP must be set for 10.0.0.0/8",
    ],
  ])("is reported before anything starts: %o", async (environment, named) => {
    await expect((async () => check(environment))()).rejects.toThrow(SettingsInvalid);
    await expect((async () => check(environment))()).rejects.toThrow(named);
  });
});
