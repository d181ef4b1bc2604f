import { connect } from "node:net";
import { systemClock } from "@sallyport/clock";
import { readSettings } from "@sallyport/server-kit";
import { testHost, until } from "@sallyport/testkit";
import { afterEach, describe, expect, test } from "vitest";
import {
  checkRagnarokIp,
  openRagnarokDoor,
  ragnarokAddress,
  ragnarokSettings,
  shownByRagnarok,
  withRagnarok,
} from "../src/tiers/ragnarok-doors.ts";

const door = { address: { host: "0.0.0.0", port: 6121 }, stop: async () => {} };
const place = { host: "127.0.0.1", publicHost: null, ragnarokIp: null, ragnarokPublicPort: 0 };
const sentTo = (changed: Partial<typeof place | { [K in keyof typeof place]: unknown }>) =>
  ragnarokAddress({ ...place, ...changed } as typeof place, door);

describe("Ragnarok clients are sent", () => {
  test("to the address of the door, and its port", () => {
    expect(sentTo({})).toEqual([{ dialect: "ragnarok", host: "127.0.0.1", port: 6121 }]);
  });

  test("to the public address, if there is one", () => {
    expect(sentTo({ publicHost: "203.0.113.9", ragnarokPublicPort: 16121 })).toEqual([
      { dialect: "ragnarok", host: "203.0.113.9", port: 16121 },
    ]);
    expect(sentTo({ publicHost: "play.example.org", ragnarokIp: "203.0.113.7" })).toMatchObject([
      { host: "203.0.113.7" },
    ]);
    expect(sentTo({ host: "localhost" })).toMatchObject([{ host: "127.0.0.1" }]);
  });

  test("nowhere, if no door is open to them", () => {
    expect(ragnarokAddress({ ...place, publicHost: null }, null)).toEqual([]);
  });

  test.each([{ publicHost: "play.example.org" }, { publicHost: "2001:db8::1" }, { host: "0.0.0.0" }])(
    "to no address that they cannot read: %o is refused, with the setting to give",
    (changed) => {
      const { host, publicHost } = { ...place, ...changed };
      const everywhere = <T>(usual: T) => ({ usual, near: [] });
      const checked = {
        host,
        publicHost: everywhere(publicHost),
        ragnarokIp: everywhere(null),
        ragnarokPort: 6121,
      };
      expect(() => checkRagnarokIp("CHAR", checked)).toThrow("RAGNAROK_PUBLIC_IP must be set");
      expect(() => checkRagnarokIp("CHAR", { ...checked, ragnarokPort: null })).not.toThrow();
    },
  );
});

describe("--ragnarok", () => {
  test("sets the usual ports, and maps that such clients have", () => {
    expect(withRagnarok({})).toMatchObject({
      RAGNAROK_LOGIN_PORT: "6900",
      RAGNAROK_CHAR_PORT: "6121",
      RAGNAROK_MAP_PORT: "5121",
      WORLD_SPAWN: "prontera:156,191",
      MAPS_FOLDER: expect.stringMatching(/maps-ragnarok$/),
    });
  });

  test("does not override the environment; an empty variable counts as not set", () => {
    const environment = withRagnarok({ RAGNAROK_MAP_PORT: "5555", WORLD_SPAWN: "", LOGIN_PORT: "1" });
    expect(environment).toMatchObject({ RAGNAROK_MAP_PORT: "5555", LOGIN_PORT: "1" });
    expect(environment["WORLD_SPAWN"]).toBe("prontera:156,191");
  });
});

describe("a name that Ragnarok clients cannot show", () => {
  const shown = (name: string, codePage: string, port = "6121") =>
    shownByRagnarok(
      readSettings(ragnarokSettings.char, { RAGNAROK_CHAR_PORT: port, RAGNAROK_CODE_PAGE: codePage }),
    )(name);

  test("is refused if such clients are admitted: letters outside their code page, or more than 23 bytes in it", () => {
    expect(shown("홍길동", "euc-kr")).toBe(true);
    expect(shown("홍길동", "windows-1252")).toBe(false);
    expect(shown("가".repeat(11), "euc-kr")).toBe(true);
    expect(shown("가".repeat(12), "euc-kr")).toBe(false);
    expect(shown("A".repeat(23), "euc-kr")).toBe(true);
  });

  test("is accepted if they are not", () => {
    expect(shown("홍길동", "windows-1252", "")).toBe(true);
  });
});

describe("the door for Ragnarok clients", () => {
  const stops: (() => unknown)[] = [];
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
  });
  const shell = testHost({ clock: systemClock });

  test("is closed unless its port is set", async () => {
    const settings = readSettings(ragnarokSettings.map, {});
    expect(await openRagnarokDoor(shell, "map", { host: "127.0.0.1", ...settings }, () => {})).toBeNull();
  });

  test("passes each client to the server with its dialect", async () => {
    const settings = readSettings(ragnarokSettings.login, { RAGNAROK_LOGIN_PORT: "0" });
    const dialects: string[] = [];
    const opened = await openRagnarokDoor(
      shell,
      "login",
      { host: "127.0.0.1", ...settings },
      (channel, dialect) => {
        dialects.push(dialect.name);
        channel.destroy();
      },
    );
    stops.push(() => opened?.stop());
    const socket = connect(opened?.address.port ?? 0, "127.0.0.1").on("error", () => {});
    stops.push(() => socket.destroy());
    await until(() => dialects.length === 1, { what: "admitted" });
    expect(dialects).toEqual(["ragnarok"]);
  });

  test("accepts only known packet versions, and names them", () => {
    expect(readSettings(ragnarokSettings.login, {}).packetVer).toBe(20100105);
    for (const packetVer of ["20170101", "2010-01-05", "-1", "new"]) {
      expect(() => readSettings(ragnarokSettings.login, { RAGNAROK_PACKETVER: packetVer })).toThrow(
        `RAGNAROK_PACKETVER: "${packetVer}" is not one of 0, 20100105, 20101228, or between two of them`,
      );
    }
  });

  test.each([
    ["20100803", [{ packetVer: 20_100_803, tested: [0, 20_100_105, 20_101_228], layouts: 20_100_803 }]],
    ["20080901", [{ packetVer: 20_080_901, tested: [0, 20_100_105, 20_101_228], layouts: 20_080_826 }]],
    ["20101228", []],
  ])(
    "for packet version %s, between two known versions, uses the layouts that fit, and logs it",
    async (text, warned) => {
      const given = { RAGNAROK_LOGIN_PORT: "0", RAGNAROK_PACKETVER: text };
      const settings = readSettings(ragnarokSettings.login, given);
      expect(settings.packetVer).toBe(Number(text));
      const warnings: object[] = [];
      const log = { ...shell.log, warn: (marks: object) => void warnings.push(marks) };
      const place = { host: "127.0.0.1", ...settings };
      const opened = await openRagnarokDoor({ ...shell, log }, "login", place, () => {});
      stops.push(() => opened?.stop());
      expect(warnings).toEqual(warned);
    },
  );
});
