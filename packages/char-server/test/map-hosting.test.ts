import { createLog } from "@sallyport/server-kit";
import { beforeEach, describe, expect, test } from "vitest";
import type { Assignment } from "../src/assign-maps.ts";
import { MapHosting, type MapServerLink } from "../src/map-hosting.ts";

interface Told {
  readonly server: string;
  readonly maps: readonly string[];
}

let hosting: MapHosting;
let told: Told[];
let kept: Assignment[];
/** For each log line about maps without a host, this list has the maps in the line. */
let homeless: string[][];
const write = (line: string): void => {
  const { msg, maps } = JSON.parse(line);
  if (msg.startsWith("no map-server hosts")) homeless.push(maps);
};
beforeEach(() => {
  homeless = [];
  kept = [];
  told = [];
  hosting = new MapHosting({ log: createLog("char", "info", { write }) }, (assignment) =>
    kept.push(assignment),
  );
});

function link(server: string, incarnation = server): void {
  const notify = ({ maps }: { readonly maps: readonly string[] }): number => told.push({ server, maps });
  hosting.add({ server, incarnation, link: { notify } as unknown as MapServerLink });
}

function announce(server: string, maps: readonly string[], isDraining = false, incarnation = server): void {
  const doors = { host: server, port: 1, wsUrl: null, otherDoors: [], near: [] };
  hosting.announce(incarnation, { ...doors, maps, playersMax: 100, isDraining, hearsOrders: true });
}

function join(server: string, ...maps: string[]): void {
  link(server);
  announce(server, maps);
}

const hostOf = (map: string): string | undefined => hosting.hostOf(map)?.server;

describe("a map", () => {
  test("has no host until a map-server announces it", () => {
    link("one");
    expect(hostOf("harbour")).toBeUndefined();
    announce("one", ["harbour"]);
    expect(hosting.hostOf("harbour")).toMatchObject({ server: "one", address: { host: "one", port: 1 } });
    expect(hostOf("forest")).toBeUndefined();
  });

  test("has one host: a joining server is told its share, and the earlier one what remains", () => {
    join("one", "harbour", "forest");
    join("two", "harbour", "forest", "cave");
    expect(told).toEqual([
      { server: "one", maps: ["forest", "harbour"] },
      { server: "two", maps: ["cave"] },
    ]);
    join("three", "harbour", "forest", "cave");
    expect(told.slice(2)).toEqual([
      { server: "three", maps: ["harbour"] },
      { server: "one", maps: ["forest"] },
    ]);
    expect(["harbour", "forest", "cave"].map(hostOf)).toEqual(["three", "one", "two"]);
  });

  test("stays with a host that is away: no client is sent there meanwhile, and no server is told anything", () => {
    join("one", "harbour", "forest");
    join("two", "harbour", "forest");
    told.length = 0;
    hosting.remove("one", false);
    expect(hosting.awaited).toEqual(["one"]);
    expect(hosting.expected).toBe(2);
    expect([hostOf("forest"), hostOf("harbour")]).toEqual([undefined, "two"]);
    link("one", "one, again");
    expect(hosting.awaited).toEqual([]);
    expect(hostOf("forest")).toBeUndefined();
    expect(told).toEqual([]);
    hosting.announce("one, again", {
      ...{ host: "one", port: 1, wsUrl: null, otherDoors: [], near: [] },
      ...{ maps: ["harbour", "forest"], playersMax: 100, isDraining: false, hearsOrders: true },
    });
    expect(hosting.hostOf("forest")).toMatchObject({ server: "one", incarnation: "one, again" });
    expect(told).toEqual([{ server: "one", maps: ["forest"] }]);
  });

  test("is hosted over the newest link of its server, even while an older link still counts as up", () => {
    join("one", "harbour");
    link("one", "one, again");
    expect(hostOf("harbour")).toBeUndefined();
    announce("one", ["harbour"], false, "one, again");
    expect(hosting.hostOf("harbour")).toMatchObject({ server: "one", incarnation: "one, again" });
    hosting.remove("one", false);
    expect(hosting.hostOf("harbour")).toMatchObject({ server: "one", incarnation: "one, again" });
  });

  test("passes to others when its host is known to be gone, or leaves for good", () => {
    join("one", "harbour", "forest", "cave");
    join("two", "harbour", "forest", "cave");
    join("three", "harbour", "forest", "cave");
    hosting.remove("one", false);
    hosting.gone("one");
    hosting.remove("two", true);
    expect(["harbour", "forest", "cave"].map(hostOf)).toEqual(["three", "three", "three"]);
    expect(told.at(-1)?.server).toBe("three");
    expect(hosting.awaited).toEqual([]);
    expect(hosting.expected).toBe(1);
  });

  test("does not pass to others if its host is linked again when it is reported gone", () => {
    join("one", "harbour");
    join("two", "harbour");
    hosting.gone("one");
    expect(hostOf("harbour")).toBe("one");
  });

  test("has no host when the last server that may host it is gone", () => {
    join("one", "harbour");
    join("two", "forest");
    told.length = 0;
    hosting.remove("one", true);
    expect(hostOf("harbour")).toBeUndefined();
    expect(told).toEqual([]);
    join("three", "harbour");
    expect(hostOf("harbour")).toBe("three");
  });

  test("passes to others at once if its host is about to leave, or has no host if no other may host it", () => {
    join("one", "harbour", "cave");
    join("two", "harbour");
    hosting.leaving("one");
    expect([hostOf("harbour"), hostOf("cave")]).toEqual(["two", undefined]);
    hosting.leaving("two");
    expect([hostOf("harbour"), hostOf("cave")]).toEqual([undefined, undefined]);
    link("three");
    hosting.leaving("three");
    announce("three", ["cave"]);
    expect(hostOf("cave")).toBe("three");
  });

  test("passes to others before its draining host is told, or has no host if no other may host it", () => {
    join("one", "harbour", "cave");
    join("two", "harbour");
    announce("one", ["harbour", "cave"]);
    told.length = 0;
    announce("two", ["harbour"], true);
    expect(told).toEqual([
      { server: "one", maps: ["cave", "harbour"] },
      { server: "two", maps: [] },
    ]);
    announce("one", ["harbour", "cave"], true);
    expect(told.at(-1)).toEqual({ server: "one", maps: ["cave", "harbour"] });
    expect([hostOf("harbour"), hostOf("cave")]).toEqual([undefined, undefined]);
    join("three", "cave", "harbour");
    expect([hostOf("harbour"), hostOf("cave")]).toEqual(["three", "three"]);
    expect(told.at(-1)).toEqual({ server: "one", maps: [] });
  });
});

describe("the log line that no server hosts a map", () => {
  test("is written once, when the host is given up and no other may host the map", () => {
    join("one", "harbour", "cave");
    join("two", "cave");
    hosting.remove("one", false);
    join("three", "cave");
    expect(homeless).toEqual([]);
    hosting.gone("one");
    join("four", "cave");
    expect(homeless).toEqual([["harbour"]]);
  });

  test("is not written after a restart while the host may come back", () => {
    hosting.restore(
      new Map([
        ["harbour", "one"],
        ["cave", "two"],
      ]),
    );
    join("two", "cave");
    expect(homeless).toEqual([]);
    hosting.gone("one");
    expect(homeless).toEqual([["harbour"]]);
  });

  test("is not written when the last of all map-servers leaves, as when a cluster is stopped", () => {
    join("one", "harbour");
    hosting.leaving("one");
    hosting.remove("one", true);
    expect(homeless).toEqual([]);
  });

  test("is written when the host drains and no other may host the map", () => {
    join("one", "harbour");
    announce("one", ["harbour"], true);
    expect(homeless).toEqual([["harbour"]]);
  });
});

describe("the assignment of an earlier process", () => {
  test("stays the same, whichever server links first, and the missing servers are looked up", () => {
    hosting.restore(
      new Map([
        ["harbour", "two"],
        ["forest", "one"],
        ["cave", "three"],
      ]),
    );
    expect(hosting.awaited).toEqual(["two", "one", "three"]);
    join("one", "harbour", "forest", "cave");
    join("two", "harbour", "forest", "cave");
    expect([hostOf("harbour"), hostOf("forest"), hostOf("cave")]).toEqual(["two", "one", undefined]);
    expect(kept).toEqual([]);
    expect(hosting.awaited).toEqual(["three"]);
    hosting.gone("three");
    expect(hostOf("cave")).toBe("one");
    expect(kept.at(-1)).toEqual(
      new Map([
        ["harbour", "two"],
        ["forest", "one"],
        ["cave", "one"],
      ]),
    );
  });
});

test("the assignment of an earlier process does not count after a new assignment", () => {
  join("one", "harbour");
  hosting.restore(new Map([["harbour", "two"]]));
  expect(hostOf("harbour")).toBe("one");
});

test("a map-server that is gone announces nothing", () => {
  link("one");
  hosting.remove("one", true);
  announce("one", ["harbour"]);
  expect(hostOf("harbour")).toBeUndefined();
  expect(told).toEqual([]);
});

test("the number of players is the sum over all linked map-servers", () => {
  link("one");
  link("two");
  hosting.setPlayers("one", 3);
  hosting.setPlayers("two", 4);
  hosting.setPlayers("gone", 100);
  expect(hosting.players).toBe(7);
  hosting.remove("two", false);
  expect(hosting.players).toBe(3);
});

test("the status of a map-server has its state, players and maps", () => {
  join("one", "harbour");
  hosting.setPlayers("one", 3);
  expect(hosting.statusOf("one")).toMatchObject({ state: "up", players: 3, maps: ["harbour"] });
  announce("one", ["harbour"], true);
  expect(hosting.statusOf("one")).toMatchObject({ state: "draining" });
  hosting.remove("one", false);
  expect(hosting.statusOf("one")).toMatchObject({ state: "away", players: 0 });
  hosting.gone("one");
  expect(hosting.statusOf("one")).toBeNull();
});
