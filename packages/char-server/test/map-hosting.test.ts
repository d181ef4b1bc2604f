import { beforeEach, describe, expect, test } from "vitest";
import { MapHosting, type MapServerLink } from "../src/map-hosting.ts";

interface Told {
  readonly server: string;
  readonly maps: readonly string[];
}

let hosting: MapHosting;
let told: Told[];
beforeEach(() => {
  hosting = new MapHosting();
  told = [];
});

function link(server: string, isBack = false): void {
  const notify = ({ maps }: { readonly maps: readonly string[] }): number => told.push({ server, maps });
  hosting.add({ server, incarnation: server, link: { notify } as unknown as MapServerLink }, isBack);
}

const announce = (server: string, ...maps: string[]): readonly string[] =>
  hosting.announce(server, { host: server, port: 1, wsUrl: null, otherDoors: [], maps });

describe("a map", () => {
  test("has no host until somebody announces it", () => {
    link("one");
    expect(hosting.hostOf("harbour")).toBeUndefined();
    announce("one", "harbour");
    expect(hosting.hostOf("harbour")).toMatchObject({ server: "one", address: { host: "one", port: 1 } });
    expect(hosting.hostOf("forest")).toBeUndefined();
  });

  test("has one host, which is told what it hosts and what not", () => {
    link("one");
    link("two");
    expect(announce("one", "harbour", "forest")).toEqual(["harbour", "forest"]);
    expect(announce("two", "forest", "cave")).toEqual(["cave"]);
    expect(hosting.hostOf("forest")?.server).toBe("one");
    expect(hosting.hostOf("cave")?.server).toBe("two");
  });

  test("keeps its host when others come and go", () => {
    for (const server of ["one", "two", "three"]) {
      link(server);
      announce(server, "harbour");
    }
    hosting.remove("two");
    link("two");
    announce("two", "harbour");
    expect(hosting.hostOf("harbour")?.server).toBe("one");
    expect(told.filter(({ server, maps }) => server !== "one" && maps.includes("harbour"))).toEqual([]);
  });

  test("goes back to its host when that was only away, and not when it began anew", () => {
    for (const server of ["one", "two"]) {
      link(server);
      announce(server, "harbour");
    }
    hosting.remove("one");
    expect(hosting.hostOf("harbour")?.server).toBe("two");
    link("one", true);
    // Not before it has said what it has.
    expect(hosting.hostOf("harbour")?.server).toBe("two");
    expect(announce("one", "harbour")).toEqual(["harbour"]);
    expect(hosting.hostOf("harbour")?.server).toBe("one");
    hosting.remove("one");
    link("one");
    announce("one", "harbour");
    expect(hosting.hostOf("harbour")?.server).toBe("two");
  });

  test("passes to whoever has been there longest of the others, who is told", () => {
    for (const server of ["one", "two", "three"]) link(server);
    announce("one", "harbour", "forest");
    announce("three", "harbour");
    announce("two", "forest", "harbour", "cave");
    hosting.remove("one");
    expect(hosting.hostOf("harbour")?.server).toBe("two");
    expect(hosting.hostOf("forest")?.server).toBe("two");
    expect(told).toContainEqual({ server: "two", maps: ["forest", "harbour", "cave"] });
    expect(told.find(({ server }) => server === "three")?.maps ?? []).toEqual([]);
  });

  test("has no host when the last one who announced it is gone", () => {
    link("one");
    link("two");
    announce("one", "harbour");
    announce("two", "forest");
    hosting.remove("one");
    expect(hosting.hostOf("harbour")).toBeUndefined();
    expect(told).toEqual([]);
  });
});

test("a map-server that comes back is the newest, and has what the others do not", () => {
  link("one");
  announce("one", "harbour", "forest");
  link("two");
  announce("two", "harbour");
  hosting.remove("one");
  link("one");
  expect(announce("one", "harbour", "forest")).toEqual(["forest"]);
});

test("one that is gone announces nothing", () => {
  link("one");
  hosting.remove("one");
  expect(announce("one", "harbour")).toEqual([]);
  expect(hosting.hostOf("harbour")).toBeUndefined();
});

test("players are those of everybody who is linked", () => {
  link("one");
  link("two");
  hosting.setPlayers("one", 3);
  hosting.setPlayers("two", 4);
  hosting.setPlayers("gone", 100);
  expect(hosting.players).toBe(7);
  hosting.remove("two");
  expect(hosting.players).toBe(3);
});
