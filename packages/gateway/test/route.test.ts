import type { CharacterLock } from "@sallyport/lock-core";
import { describe, expect, test } from "vitest";
import { mapServerOf, type RouteQuery, routes, type ServerSeen } from "../src/route.ts";

const owner = { server: "map-1", incarnation: "a" };
const target = { server: "map-2", incarnation: "b" };
const charServer = { server: "alpha", incarnation: "c" };
const ids = { loginId1: 1, loginId2: 2, sex: "male", accountFence: 3 } as const;
const onMap = { ...ids, owner, charId: 4, charFence: 5 } as const;

const locks: readonly (readonly [CharacterLock, string | null])[] = [
  [{ state: "free" }, null],
  [{ state: "choosing", ...ids, owner: charServer }, null],
  [{ state: "returning", ...ids, owner: charServer }, null],
  [{ state: "handing-over", ...ids, owner: charServer, charId: 4, target }, "map-2"],
  [{ state: "entering", ...onMap }, "map-1"],
  [{ state: "playing", ...onMap }, "map-1"],
  [{ state: "hopping", ...onMap, target }, "map-1"],
  [{ state: "evicting", ...onMap }, "map-1"],
];

test.each(locks)("with the lock %o the client belongs to %s", (lock, server) => {
  expect(mapServerOf(lock)).toBe(server);
});

const seen = (name: string, over: Partial<ServerSeen> = {}): ServerSeen => ({
  kind: "map",
  name,
  world: "Alpha",
  state: "up",
  innerDoors: [
    { dialect: "native", host: `${name}.inner`, port: 7300 },
    { dialect: "ragnarok", host: `${name}.inner`, port: 5121 },
  ],
  clients: 0,
  ...over,
});

const asked = (over: Partial<RouteQuery>): RouteQuery => ({
  door: "map",
  dialect: "native",
  world: "Alpha",
  owner: null,
  servers: [seen("map-1"), seen("map-2"), seen("map-3")],
  joinedTo: () => 0,
  ...over,
});
const names = (over: Partial<RouteQuery>): string[] => routes(asked(over)).map(({ server }) => server);

describe("the doors to try", () => {
  test("begin with the owner's door for the client's dialect", () => {
    expect(routes(asked({ owner: "map-2", dialect: "ragnarok" }))[0]).toEqual({
      ...{ server: "map-2", host: "map-2.inner", port: 5121, isSecure: false, isOwner: true },
    });
  });

  test("include doors over TLS, and are marked so", () => {
    const innerDoors = [{ dialect: "native-tls", host: "map-1.inner", port: 7300 }];
    const servers = [seen("map-1", { innerDoors })];
    expect(routes(asked({ servers }))).toMatchObject([{ host: "map-1.inner", isSecure: true }]);
    expect(routes(asked({ servers, dialect: "ragnarok" }))).toEqual([]);
  });

  test("include a draining owner, but other draining servers only if no other is up", () => {
    const servers = [
      seen("map-1", { state: "draining" }),
      seen("map-2", { state: "draining" }),
      seen("map-3"),
    ];
    expect(names({ servers, owner: "map-2" })).toEqual(["map-2", "map-3", "map-1"]);
    expect(names({ servers })[0]).toBe("map-3");
  });

  test("are those of any map-server if the character has no owner, or the owner is gone", () => {
    for (const owner of [null, "map-9"]) {
      const [first] = routes(asked({ owner }));
      expect(first).toMatchObject({ server: "map-1", isOwner: false });
    }
  });

  test("are sorted by this gateway's connections to the server, then by the server's clients", () => {
    const servers = [seen("map-1", { clients: 9 }), seen("map-2", { clients: 3 }), seen("map-3")];
    const joinedTo = (server: string): number => (server === "map-3" ? 1 : 0);
    expect(names({ servers, joinedTo })).toEqual(["map-2", "map-1", "map-3"]);
  });

  test("exclude other worlds, tiers and dialects; login-servers have no world", () => {
    const servers = [
      seen("other", { world: "Beta" }),
      seen("char-1", { kind: "char" }),
      seen("login-1", { kind: "login", world: null }),
      seen("mute", { innerDoors: [] }),
    ];
    expect(names({ servers })).toEqual([]);
    expect(names({ servers, door: "char" })).toEqual(["char-1"]);
    expect(names({ servers, door: "login" })).toEqual(["login-1"]);
  });

  test("are at most three, whatever the number of servers", () => {
    expect(names({ servers: Array.from({ length: 9 }, (_, nth) => seen(`map-${nth}`)) })).toHaveLength(3);
  });
});
