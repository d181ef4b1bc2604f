import { nearestTo } from "@sallyport/domain";
import { expect, test } from "vitest";
import { unknownSettings } from "../src/index.ts";

const known = ["CHAR_PORT", "CHAR_HOST", "LOGIN_PORT", "LOG_LEVEL", "REDIS_URL", "WORLD_SPAWN", "GAME"];
const unknownIn = (environment: Record<string, string>) => unknownSettings(environment, known);

test("a variable that begins like a setting is reported with the setting that may be meant", () => {
  expect(unknownIn({ CHAR_PROT: "7", WORLD_MOTTO: "on", CHAR_PORT: "7" })).toEqual([
    { variable: "CHAR_PROT", nearest: "CHAR_PORT" },
    { variable: "WORLD_MOTTO", nearest: null },
  ]);
});

test("a variable with a mistyped first word is reported with the nearest setting", () => {
  expect(unknownIn({ LOGN_PORT: "7", LOGLEVEL: "debug" })).toEqual([
    { variable: "LOGN_PORT", nearest: "LOGIN_PORT" },
    { variable: "LOGLEVEL", nearest: "LOG_LEVEL" },
  ]);
});

test("variables of other programs are ignored, even if they begin with a word of our settings", () => {
  expect(unknownIn({ PATH: "/bin", REDIS_VERSION: "7.0.15", LOG_FORMAT: "json", GAME_DIR: "/g" })).toEqual(
    [],
  );
});

test("variables of other programs are ignored, even if their names are like a short one of ours", () => {
  expect(unknownIn({ HOME: "/root", NAME: "box", GAMES: "/usr/games" })).toEqual([]);
});

test("variables that Kubernetes sets for services of our names are no mistake", () => {
  const service = {
    LOGIN_SERVICE_HOST: "10.0.0.1",
    LOGIN_SERVICE_PORT: "7100",
    LOGIN_SERVICE_PORT_CLIENTS: "7100",
    LOGIN_PORT_7100_TCP: "tcp://10.0.0.1:7100",
    LOGIN_PORT_7100_TCP_ADDR: "10.0.0.1",
    CHAR_1_PORT: "tcp://10.0.0.2:7200",
  };
  expect(unknownIn(service)).toEqual([]);
});

test.each([
  ["CHAR_PROT", "CHAR_PORT"],
  ["CHAR_POR", "CHAR_PORT"],
  ["CHAR_PPORT", "CHAR_PORT"],
  ["CHAR_HOTS", "CHAR_HOST"],
  ["WORLD_SPOWN", "WORLD_SPAWN"],
  ["WORLD_SLOTS", null],
  ["", null],
])("the setting nearest to %j is %j", (text, nearest) => {
  expect(nearestTo(text, known)).toBe(nearest);
});
