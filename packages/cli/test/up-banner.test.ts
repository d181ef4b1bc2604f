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

const parts: Parameters<typeof upBanner>[0] = {
  front: { doors: {}, tries: {} },
  resource: null,
  tokenHttp: null,
  registersRagnarok: true,
  page: null,
  doors: { login: doors(7_200), char: doors(7_210), map: doors(7_220) },
  maps: ["yard"],
  game: null,
  data: "here",
  locks: "here",
};

test("the terminal shows IPv6 addresses in the form that the commands take", () => {
  const banner = upBanner({
    ...parts,
    front: { doors: { line: { clients: { host, port: 7_023 } } }, tries: {} },
    resource: { tcp: { address: { host, port: 8_086 } }, http: null },
    doors: {
      ...parts.doors,
      login: {
        ...doors(7_200),
        ragnarok: { address: { host, port: 6_900 } },
        token: { address: { host, port: 8_083 }, isSecure: true },
      },
    },
  });
  for (const shown of [
    "login [::1]:7200   char [::1]:7210   map [::1]:7220",
    "npm run play -- --url tcp://[::1]:7200",
    "--login [::1]:6900",
    "line protocol:           [::1]:7023",
    "leaderboards:            [::1]:8086",
    "auth-server here tls://[::1]:8083\n",
    "add-server here tls://[::1]:8086\n",
  ])
    expect(banner).toContain(shown);
  expect(banner).not.toMatch(/[^[]::1:/);
});

test("the terminal shows each door once by its name, with the commands that try it below each other", () => {
  const banner = upBanner({
    ...parts,
    front: { doors: {}, tries: { line: "nc ::1 7023", chat: "npm run chat" } },
    resource: { tcp: { address: { host, port: 8_086 } }, http: null },
    doors: {
      ...parts.doors,
      login: { ...doors(7_100), token: { address: { host, port: 8_085 }, isSecure: false } },
    },
  });
  expect(banner.slice(banner.indexOf("  Join"))).toMatchInlineSnapshot(`
    "  Join from another terminal:  npm run play -- --url tcp://[::1]:7100
      Or try one of the other doors from there:
        line          nc ::1 7023
        chat          npm run chat
        token         npm run token -- --host ::1 --port 8085
                      (with an account that one of the others has made)
        boards        npm run boards -- auth-server here [::1]:8085
                      npm run boards -- add-server here [::1]:8086
                      npm run boards -- list --as NAME
      Ctrl-C saves all players and stops it."
  `);
  expect(upBanner(parts)).not.toContain("other doors");
});
