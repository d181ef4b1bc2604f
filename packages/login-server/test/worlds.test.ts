import type { Presence } from "@sallyport/cluster-protocol";
import { beforeEach, describe, expect, test } from "vitest";
import { Worlds } from "../src/worlds.ts";

const newsMs = 6_500;
let worlds: Worlds<string>;
beforeEach(() => {
  worlds = new Worlds(newsMs);
});

const door = { host: "play.example.org", port: 7200, wsUrl: null, otherDoors: [], near: [] };
const world = (name: string, players = 0) => ({ name, players, ...door });

/** Returns the presence of a char-server that is linked to another login-server. */
const told = (name: string, ofWorld: string, over: Partial<Presence> = {}): Presence => ({
  kind: "char",
  name,
  world: ofWorld,
  incarnation: "00112233aabbccdd",
  machine: "host-1",
  pid: 17,
  sinceMs: 1_700_000_000_000,
  state: "up",
  publicDoor: door,
  innerDoors: [],
  maps: [],
  clients: 3,
  players: 2,
  capacity: null,
  links: [{ kind: "login", name: null, state: "up" }],
  ...over,
});

function linkHere(server: string, incarnation: string, name?: string) {
  worlds.add({ server, incarnation }, `link ${incarnation}`);
  return name === undefined ? null : worlds.announce(incarnation, world(name));
}
const names = () => worlds.list().map(({ name }) => name);

describe("the list of worlds", () => {
  test("has the worlds linked here at once, and those linked elsewhere from the directory, sorted by name", () => {
    linkHere("beta", "b1", "Beta");
    worlds.setPlayers("b1", 7);
    worlds.hear([told("gamma", "Gamma"), told("alpha", "Alpha")], 0);
    expect(worlds.list()).toEqual([world("Alpha", 2), world("Beta", 7), world("Gamma", 2)]);
  });

  test("has a world once, and its own link counts more than the directory", () => {
    linkHere("alpha", "a1", "Alpha");
    worlds.setPlayers("a1", 9);
    worlds.hear([told("alpha", "Alpha")], 0);
    expect(worlds.list()).toEqual([world("Alpha", 9)]);
  });

  test.each<[string, Partial<Presence>]>([
    ["is linked to no login-server", { links: [{ kind: "login", name: null, state: "down" }] }],
    ["has links to map-servers alone", { links: [{ kind: "map", name: "map-1", state: "up" }] }],
    ["wants no clients", { state: "draining" }],
    ["has no door for clients", { publicDoor: null }],
    ["is no char-server", { kind: "map" }],
  ])("has no world whose server %s", (_which, over) => {
    worlds.hear([told("alpha", "Alpha", over)], 0);
    expect(names()).toEqual([]);
  });

  test("keeps a world whose link elsewhere is silent, and drops a world that the directory no longer has", () => {
    worlds.hear([told("alpha", "Alpha", { links: [{ kind: "login", name: null, state: "suspect" }] })], 0);
    expect(names()).toEqual(["Alpha"]);
    worlds.hear([], 1_000);
    expect(names()).toEqual([]);
  });
});

describe("a world whose link here is lost", () => {
  test("leaves the list at once, and returns when the directory's entry must be newer", () => {
    linkHere("alpha", "a1", "Alpha");
    worlds.hear([told("alpha", "Alpha")], 0);
    worlds.remove("a1", 1_000);
    worlds.hear([told("alpha", "Alpha")], 1_000 + newsMs - 1);
    expect(names()).toEqual([]);
    worlds.hear([told("alpha", "Alpha")], 1_000 + newsMs);
    expect(names()).toEqual(["Alpha"]);
  });

  test("returns to the list as soon as it is linked here again", () => {
    linkHere("alpha", "a1", "Alpha");
    worlds.remove("a1", 1_000);
    expect(linkHere("alpha", "a2", "Alpha")).toMatchObject({ ok: true });
    expect(names()).toEqual(["Alpha"]);
  });
});

describe("the name of a world", () => {
  test.each([
    ["here", () => linkHere("alpha", "a1", "Alpha")],
    ["elsewhere", () => worlds.hear([told("alpha", "Alpha")], 0)],
  ])("that another char-server has %s is taken", (_where, taken) => {
    taken();
    expect(linkHere("beta", "b1", "Alpha")).toMatchObject({ refusal: "world-taken" });
  });

  test.each([
    ["here", () => linkHere("alpha", "a1", "Alpha")],
    ["elsewhere", () => worlds.hear([told("alpha", "Alpha")], 0)],
  ])("is free for the server that had it over an older link %s", (_where, had) => {
    had();
    expect(linkHere("alpha", "a2", "Alpha")).toMatchObject({ ok: true });
  });
});
