import { ManualClock, testHost } from "@sallyport/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { Refusals, type RefusedBy } from "../src/index.ts";
import { heardLog } from "./heard-log.ts";

let clock: ManualClock;
let heard: ReturnType<typeof heardLog>;
let counted: string[];
beforeEach(() => {
  clock = new ManualClock();
  heard = heardLog();
  counted = [];
});

const refusalsAt = (at: "server" | "gateway", door: "login" | "map" | "front" = "map"): Refusals =>
  new Refusals(
    testHost({
      clock,
      log: heard.log,
      metrics: {
        count: (_name, labels) => void counted.push(Object.values(labels).join(" ")),
        observe() {},
        watch() {},
        watchEach() {},
      },
    }),
    { at, door },
  );
const warnings = () => heard.lines.filter(({ level }) => level === 40);
const remote = "203.0.113.7:1";

describe("a refusal of a door", () => {
  test("is one warning a minute for each reason, with the number since the last", async () => {
    const refusals = refusalsAt("server");
    for (let round = 0; round < 3; round += 1) {
      refusals.refuse({ by: "tls", remote, why: "the other end does not speak TLS" });
      refusals.refuse({ by: "full", remote });
    }
    expect(warnings()).toMatchObject([
      { why: "tls (the other end does not speak TLS)", variable: "TLS_CERT", connections: 1, remote },
      { why: "full", variable: "MAP_CLIENTS_MAX", connections: 1 },
    ]);
    await clock.advance(59_999);
    refusals.refuse({ by: "full", remote });
    expect(warnings()).toHaveLength(2);
    await clock.advance(1);
    refusals.refuse({ by: "full", remote });
    expect(warnings().at(-1)).toMatchObject({ why: "full", connections: 4 });
    expect(counted.filter((each) => each === "map full")).toHaveLength(5);
  });

  test("names each origin, and uses no more lines or memory for invented ones", async () => {
    const refusals = refusalsAt("server");
    const refuse = (origin: string) => refusals.refuse({ by: "origin", remote, origin });
    for (const host of ["a", "b", "a"]) refuse(`https://${host}.example`);
    expect(warnings().map(({ origin }) => origin)).toEqual(["https://a.example", "https://b.example"]);
    for (let nth = 0; nth < 1_000; nth += 1) refuse(`https://${nth}.example/${"x".repeat(1_000)}`);
    expect(warnings().length).toBeLessThanOrEqual(51);
    expect(Math.max(...warnings().map(({ origin }) => String(origin).length))).toBe(200);
    await clock.advance(60_000);
    refuse("https://a.example");
    expect(warnings().at(-1)).toMatchObject({ origin: "https://a.example", variable: "MAP_WS_ORIGINS" });
  });

  test.each([
    ["server", "first-bytes", "native", "LOGIN_PORT"],
    ["server", "first-bytes", "ragnarok", "RAGNAROK_LOGIN_PORT"],
    ["server", "first-bytes", "a-series", "A_SERIES_PORT"],
    ["server", "first-bytes", "token", "TOKEN_PORT"],
    ["server", "not-websocket", "native", "LOGIN_WS_PORT"],
    ["server", "newcomers-of-address", "native", "LOGIN_NEWCOMERS_PER_ADDRESS_MAX"],
    ["server", "proxy-header", "native", "PROXY_FROM"],
    ["gateway", "first-bytes", "ragnarok", "GATEWAY_RAGNAROK_LOGIN_PORT"],
    ["gateway", "not-websocket", "native", "GATEWAY_LOGIN_WS_PORT"],
    ["gateway", "origin", "native", "GATEWAY_WS_ORIGINS"],
    ["gateway", "no-command", "native", "GATEWAY_FIRST_PACKET_MS"],
  ] as const)("at a %s, for %s of a client of the %s dialect, names %s", (at, by, dialect, variable) => {
    refusalsAt(at, "login").refuse({ by, remote, dialect });
    expect(warnings()).toMatchObject([{ variable, door: "login" }]);
  });

  test.each([
    ["first-bytes", "CHAT_PORT"],
    ["full", "FRONT_CLIENTS_MAX"],
    ["dialect-full", "CHAT_CLIENTS_MAX"],
    ["no-command", "FRONT_FIRST_COMMAND_MS"],
  ] as const)("at a front, for %s, names %s", (by, variable) => {
    refusalsAt("server", "front").refuse({ by, remote, dialect: "chat" });
    expect(warnings()).toMatchObject([{ variable, door: "front" }]);
  });

  test("is counted without a warning if the client disconnected, or the server stops", () => {
    const reasons: RefusedBy[] = ["hung-up", "stopping"];
    for (const by of reasons) refusalsAt("server").refuse({ by, remote });
    expect(warnings()).toEqual([]);
    expect(counted).toEqual(["map hung-up", "map stopping"]);
  });
});
