import { expect, test } from "vitest";
import { upBanner } from "../src/commands/up-banner.ts";
import type { OpenDoors } from "../src/tiers/doors.ts";

const host = "::1";
const doors = (port: number): OpenDoors => ({
  native: {
    address: { host, port },
    webSocket: { host, port: port + 2 },
    isSecure: false,
    stop: async () => {},
  },
  ragnarok: null,
});

test("the terminal shows IPv6 addresses in the form that the commands take", () => {
  const banner = upBanner({
    front: { doors: { line: { clients: { host, port: 7_023 } } }, tries: {} },
    resource: { tcp: { address: { host, port: 8_086 } }, http: null },
    tokenHttp: null,
    registersRagnarok: true,
    page: null,
    doors: {
      login: {
        ...doors(7_200),
        ragnarok: { address: { host, port: 6_900 } },
        token: { address: { host, port: 8_083 }, isSecure: true },
      },
      char: doors(7_210),
      map: doors(7_220),
    },
    maps: ["yard"],
    game: null,
    data: "here",
    locks: "here",
  });
  for (const shown of [
    "login [::1]:7200   char [::1]:7210   map [::1]:7220",
    "npm run play -- --url tcp://[::1]:7200",
    "--login [::1]:6900",
    "line protocol:           [::1]:7023",
    "leaderboards:            [::1]:8086",
    "auth-server here tls://[::1]:8083; npm run boards -- add-server here tls://[::1]:8086;",
  ])
    expect(banner).toContain(shown);
  expect(banner).not.toMatch(/[^[]::1:/);
});
