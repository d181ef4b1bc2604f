import { charTierSettings } from "@sallyport/char-server";
import type { PublicAddress } from "@sallyport/domain";
import { loginTierSettings } from "@sallyport/login-server";
import { mapTierSettings } from "@sallyport/map-server";
import { type Environment, readSettings, SettingsInvalid } from "@sallyport/server-kit";
import { describe, expect, test } from "vitest";
import { checkWeb, webSettings, webTargets, withWeb } from "../src/web/web-settings.ts";

const doors = { login: loginTierSettings, char: charTierSettings, map: mapTierSettings };

function problems(environment: Environment): readonly string[] {
  try {
    checkWeb(doors, environment);
    return [];
  } catch (error) {
    if (error instanceof SettingsInvalid) return error.problems;
    throw error;
  }
}

describe("--web", () => {
  test("opens the page and the three ports that it needs, on their usual numbers", () => {
    const environment = withWeb({});
    expect(environment).toEqual({
      ...{ WEB_PORT: "7080", LOGIN_WS_PORT: "7102", CHAR_WS_PORT: "7202", MAP_WS_PORT: "7302" },
    });
    expect(problems(environment)).toEqual([]);
  });

  test("gives way to settings of the environment", () => {
    expect(withWeb({ WEB_PORT: "1", MAP_WS_PORT: "", LOGIN_PORT: "2" })).toMatchObject({
      ...{ WEB_PORT: "1", MAP_WS_PORT: "7302", LOGIN_PORT: "2" },
    });
  });
});

describe("a page", () => {
  test("is refused without the doors that it needs, and each is named", () => {
    expect(problems({ WEB_PORT: "0", CHAR_WS_PORT: "0" })).toEqual([
      "LOGIN_WS_PORT must be set: the page on WEB_PORT connects to it",
      "MAP_WS_PORT must be set: the page on WEB_PORT connects to it",
    ]);
    expect(problems({})).toEqual([]);
  });

  test("is refused if its login-server listens on all addresses, unless the URL is given", () => {
    const anywhere = { ...withWeb({}), LOGIN_HOST: "0.0.0.0" };
    expect(problems(anywhere)).toEqual(["WEB_LOGIN_URL must be set: the page cannot connect to 0.0.0.0"]);
    expect(problems({ ...anywhere, WEB_LOGIN_URL: "wss://play.example.org" })).toEqual([]);
  });

  test.each(["https://play.example.org", "wss://a#b", "play"])("does not connect to %s", (WEB_LOGIN_URL) => {
    expect(() => readSettings(webSettings, { WEB_LOGIN_URL })).toThrow("is not a URL like wss://");
  });

  test("may connect to the doors of all networks", () => {
    const door = { host: "h", port: 1, otherDoors: [] };
    const char: PublicAddress = {
      ...{ ...door, wsUrl: "wss://play.example.org/char" },
      near: [{ ...door, network: "192.168.0.0/16", wsUrl: "wss://192.168.1.10" }],
    };
    const login = {
      ...{ address: { host: "::1", port: 7100 }, webSocket: { host: "::1", port: 7102 }, isSecure: true },
      stop: async () => {},
    };
    const targets = webTargets(readSettings(webSettings, {}), login, [
      char,
      { ...door, wsUrl: null, near: [] },
    ]);
    expect(targets).toEqual({
      loginUrl: "wss://[::1]:7102",
      doorUrls: ["wss://[::1]:7102", "wss://play.example.org/char", "wss://192.168.1.10"],
    });
  });
});
