import { describe, expect, test } from "vitest";
import {
  byNetwork,
  type Environment,
  placesOf,
  portSetting,
  publicSettings,
  readSettings,
  SettingsInvalid,
} from "../src/index.ts";

const settings = publicSettings("CHAR");
const read = (environment: Environment) => readSettings(settings, environment);

describe("a setting by network", () => {
  test("is one value, or a default value and one for each network", () => {
    expect(read({}).publicHost).toEqual({ usual: null, near: [] });
    expect(read({ CHAR_PUBLIC_HOST: "play.example.org" }).publicHost).toEqual({
      usual: "play.example.org",
      near: [],
    });
    const CHAR_PUBLIC_HOST = "203.0.113.9, 192.168.0.0/16=192.168.1.10,fd00::/8=fd00::10 , 10.0.0.7=game.lan";
    expect(read({ CHAR_PUBLIC_HOST }).publicHost).toEqual({
      usual: "203.0.113.9",
      near: [
        { network: "192.168.0.0/16", value: "192.168.1.10" },
        { network: "fd00::/8", value: "fd00::10" },
        { network: "10.0.0.7", value: "game.lan" },
      ],
    });
  });

  test("may have no default value, and its values may contain commas", () => {
    expect(read({ CHAR_PUBLIC_PORT: "10.0.0.0/8=7200" }).publicPort).toEqual({
      usual: 0,
      near: [{ network: "10.0.0.0/8", value: 7200 }],
    });
    const CHAR_PUBLIC_WS_URL = "wss://play.example.org/?of=a,b,10.0.0.0/8=ws://10.0.0.3:7202/x,y";
    expect(read({ CHAR_PUBLIC_WS_URL }).publicWsUrl).toEqual({
      usual: "wss://play.example.org/?of=a,b",
      near: [{ network: "10.0.0.0/8", value: "ws://10.0.0.3:7202/x,y" }],
    });
  });

  test.each([
    [{ CHAR_PUBLIC_HOST: "a.example,b.example" }, "CHAR_PUBLIC_HOST"],
    [{ CHAR_PUBLIC_HOST: "a.example,10.0.0.0/33=b.example" }, "10.0.0.0/33 is not a network"],
    [{ CHAR_PUBLIC_HOST: "a.example,lan=b.example" }, "CHAR_PUBLIC_HOST"],
    [{ CHAR_PUBLIC_HOST: "a.example:7200" }, "CHAR_PUBLIC_HOST"],
    [{ CHAR_PUBLIC_PORT: "7200,10.0.0.0/8=99999" }, "for 10.0.0.0/8: "],
    [{ CHAR_PUBLIC_WS_URL: "10.0.0.0/8=http://10.0.0.3" }, "for 10.0.0.0/8: "],
    [
      { CHAR_PUBLIC_PORT: Array.from({ length: 17 }, (_, nth) => `10.${nth}.0.0/16=1`).join() },
      "more than 12 networks",
    ],
  ])("refuses %o, and names the mistake", (environment, named) => {
    expect(() => read(environment)).toThrow(SettingsInvalid);
    expect(() => read(environment)).toThrow(named);
  });

  test("uses the smallest network that contains the address, whichever setting named it", () => {
    const of = (text: string) => {
      const parsed = byNetwork(portSetting("PORT", "a port", 0), "1,10.0.0.0/8=2").parse(text);
      if (!parsed.ok) throw new Error("not taken");
      return parsed.value;
    };
    const [one, other] = [of("1,10.0.0.0/8=2,10.1.0.0/16=3"), of("4,10.1.2.0/24=5,10.0.0.0/7=6")];
    const picked = placesOf([one, other]).map(({ network, pick }) => [network, pick(one), pick(other)]);
    expect(picked).toEqual([
      [null, 1, 4],
      ["10.0.0.0/8", 2, 6],
      ["10.1.0.0/16", 3, 6],
      ["10.1.2.0/24", 3, 5],
      ["10.0.0.0/7", 1, 6],
    ]);
  });
});
