import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Assignment, assignMaps, type Candidate } from "../src/assign-maps.ts";

const nobody: Assignment = new Map();
const mapsOf = (assignment: Assignment, server: string): readonly string[] =>
  [...assignment].flatMap(([map, host]) => (host === server ? [map] : [])).sort();
const up = (server: string, maps: readonly string[], capacity = 100): Candidate => ({
  server,
  state: "up",
  capacity,
  players: 0,
  maps: new Set(maps),
});
const moved = (before: Assignment, after: Assignment): readonly string[] =>
  [...after.keys()].filter((map) => before.has(map) && before.get(map) !== after.get(map));

const six = ["a", "b", "c", "d", "e", "f"];

describe("a map", () => {
  test("has no host if no server may host it", () => {
    expect(assignMaps([], nobody)).toEqual(new Map());
    expect(assignMaps([up("one", ["a"])], new Map([["b", "two"]]))).toEqual(new Map([["a", "one"]]));
  });

  test("moves to a server that joins until that server has its share, and no other map moves", () => {
    const alone = assignMaps([up("one", six)], nobody);
    const both = assignMaps([up("one", six), up("two", six)], alone);
    expect([mapsOf(both, "one"), mapsOf(both, "two")]).toEqual([
      ["a", "b", "c"],
      ["d", "e", "f"],
    ]);
    const all = assignMaps([up("one", six), up("two", six), up("three", six)], both);
    expect(mapsOf(all, "three")).toHaveLength(2);
    expect(moved(both, all)).toEqual(mapsOf(all, "three"));
  });

  test("stays with a host that is away, and passes evenly to the others when its host is gone", () => {
    const two = new Map(six.map((map, index) => [map, index < 3 ? "one" : "two"]));
    const away: Candidate = { ...up("two", []), state: "away" };
    expect(assignMaps([up("one", six), away], two)).toEqual(two);
    const after = assignMaps([up("one", six), up("three", six)], two);
    expect([mapsOf(after, "one").length, mapsOf(after, "three").length]).toEqual([3, 3]);
    expect(moved(two, after)).toEqual(["d", "e", "f"]);
  });

  test("passes to the others when its host drains, and stays if no other server may host it", () => {
    const one: Candidate = { ...up("one", six), state: "draining" };
    const assigned = new Map(six.map((map) => [map, "one"]));
    const after = assignMaps([one, up("two", ["a", "b"])], assigned);
    expect(mapsOf(after, "two")).toEqual(["a", "b"]);
    expect(mapsOf(after, "one")).toEqual(["c", "d", "e", "f"]);
    expect(mapsOf(assignMaps([one], nobody), "one")).toEqual([]);
  });

  test("reaches a server through a third one if there is no direct way", () => {
    const hosts = [up("one", ["a", "b", "c"]), up("two", ["c", "d"]), up("three", ["d"])];
    const crowded = new Map([
      ["a", "one"],
      ["b", "one"],
      ["c", "two"],
      ["d", "two"],
    ]);
    // `two` has as many maps as `one`. `three` can host only one of the maps that `two` has.
    const after = assignMaps(hosts, crowded);
    expect(Object.fromEntries(after)).toEqual({ a: "one", b: "one", c: "two", d: "three" });
    const chained = assignMaps(
      [up("one", ["a", "b", "c"]), up("two", ["c", "d"]), up("three", ["d"])],
      new Map([
        ["a", "one"],
        ["b", "one"],
        ["c", "one"],
        ["d", "two"],
      ]),
    );
    expect(Object.fromEntries(chained)).toEqual({ a: "one", b: "one", c: "two", d: "three" });
  });

  test("passes from a lost host to the server with the fewest players if shares are equal", () => {
    const busy: Candidate = { ...up("one", ["a", "b", "c"]), players: 40 };
    const gone = new Map([
      ["a", "one"],
      ["b", "two"],
      ["c", "three"],
    ]);
    const after = assignMaps([busy, { ...up("two", ["a", "b", "c"]), players: 4 }], gone);
    expect(Object.fromEntries(after)).toEqual({ a: "one", b: "two", c: "two" });
    const large: Candidate = { ...busy, capacity: 1_000, players: 40 };
    const even = { ...up("two", ["a", "b", "c"], 1_000), players: 41 };
    expect(Object.fromEntries(assignMaps([large, even], gone))).toEqual({ a: "one", b: "two", c: "one" });
  });

  test("is a smaller part of the share of a host that takes more players", () => {
    const maps = Array.from({ length: 30 }, (_, index) => `map_${index}`);
    const after = assignMaps([up("one", maps, 100), up("two", maps, 200)], nobody);
    expect([mapsOf(after, "one").length, mapsOf(after, "two").length]).toEqual([10, 20]);
  });
});

const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,4}$/), { minLength: 1, maxLength: 24 });
const servers = fc.uniqueArray(fc.constantFrom("s1", "s2", "s3", "s4", "s5"), { minLength: 1 });
const states = fc.constantFrom("up", "up", "up", "away", "draining");

/** Generates servers that can host random maps, and a random earlier assignment. */
const anything = fc.tuple(names, servers).chain(([maps, of]) =>
  fc.record({
    hosts: fc.tuple(
      ...of.map((server) =>
        fc.record({
          server: fc.constant(server),
          state: states,
          capacity: fc.integer({ min: 0, max: 9 }),
          players: fc.nat(9),
          maps: fc.subarray([...maps]).map((own) => new Set(own)),
        }),
      ),
    ) as fc.Arbitrary<Candidate[]>,
    assigned: fc
      .array(fc.tuple(fc.constantFrom(...maps), fc.constantFrom("s1", "s2", "s3", "s4", "s5", "gone")))
      .map((pairs) => new Map(pairs)),
  }),
);

/** Generates map names, and how many servers can host all these maps before and after a change. */
const alike = fc.record({
  maps: names,
  before: fc.integer({ min: 1, max: 6 }),
  after: fc.integer({ min: 1, max: 6 }),
});
const servedBy = (maps: readonly string[], count: number): Candidate[] =>
  Array.from({ length: count }, (_, index) => up(`s${index}`, maps));

describe("for any hosts and any earlier assignment", () => {
  test("the assignment stays the same if nothing has changed, in any order of the servers", () => {
    fc.assert(
      fc.property(anything, ({ hosts, assigned }) => {
        const once = assignMaps(hosts, assigned);
        expect(new Map(assignMaps([...hosts].reverse(), once))).toEqual(once);
      }),
    );
  });

  test("a map belongs to a server that may host it, and has a host if any connected server may", () => {
    fc.assert(
      fc.property(anything, ({ hosts, assigned }) => {
        const after = assignMaps(hosts, assigned);
        const byName = new Map(hosts.map((host) => [host.server, host]));
        for (const [map, server] of after) {
          const host = byName.get(server);
          if (host?.state === "away") expect(assigned.get(map)).toBe(server);
          else expect(host?.maps.has(map)).toBe(true);
          if (host?.state === "draining") {
            expect(assigned.get(map)).toBe(server);
            expect(hosts.filter(({ state, maps }) => state === "up" && maps.has(map))).toEqual([]);
          }
        }
        for (const { state, maps } of hosts) {
          if (state === "up") for (const map of maps) expect(after.has(map)).toBe(true);
        }
      }),
    );
  });

  test("a server that is away keeps its maps", () => {
    fc.assert(
      fc.property(anything, ({ hosts, assigned }) => {
        const after = assignMaps(hosts, assigned);
        for (const { server, state } of hosts) {
          if (state === "away") expect(mapsOf(after, server)).toEqual(mapsOf(assigned, server));
        }
      }),
    );
  });

  test("no move of one map to another permitted host would make the shares more equal", () => {
    fc.assert(
      fc.property(anything, ({ hosts, assigned }) => {
        const after = assignMaps(hosts, assigned);
        const all = hosts.filter(({ state }) => state === "up");
        for (const from of all) {
          for (const to of all) {
            const own = mapsOf(after, from.server);
            if (!own.some((map) => to.maps.has(map))) continue;
            const taking = (mapsOf(after, to.server).length + 1) / Math.max(1, to.capacity);
            expect((own.length - 1) / Math.max(1, from.capacity)).toBeLessThanOrEqual(taking);
          }
        }
      }),
    );
  });
});

describe("if every server may host every map, and all count the same", () => {
  test("no server has two maps more than another, whichever servers joined and left", () => {
    fc.assert(
      fc.property(alike, ({ maps, before, after }) => {
        const assigned = assignMaps(servedBy(maps, before), nobody);
        const hosts = servedBy(maps, after);
        const counts = hosts.map(({ server }) => mapsOf(assignMaps(hosts, assigned), server).length);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test("the servers that stay give up only the maps that joining servers take, and none when a server leaves", () => {
    fc.assert(
      fc.property(alike, ({ maps, before, after }) => {
        const assigned = assignMaps(servedBy(maps, before), nobody);
        const next = assignMaps(servedBy(maps, after), assigned);
        const staying = new Set(servedBy(maps, Math.min(before, after)).map(({ server }) => server));
        for (const map of moved(assigned, next)) {
          if (staying.has(assigned.get(map) ?? "")) expect(staying.has(next.get(map) ?? "")).toBe(false);
        }
      }),
    );
  });
});

test("thousands of maps on many servers are shared out in as few moves as possible", () => {
  const maps = Array.from({ length: 4_096 }, (_, index) => `map_${index}`);
  const before = assignMaps(servedBy(maps, 20), nobody);
  const after = assignMaps(servedBy(maps, 21), before);
  expect(moved(before, after)).toHaveLength(Math.floor(4_096 / 21));
});
