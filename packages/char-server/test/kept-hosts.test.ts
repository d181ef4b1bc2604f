import { createMemoryStores } from "@sallyport/database";
import { Unavailable } from "@sallyport/domain";
import { ManualClock, settled, testHost } from "@sallyport/testkit";
import { beforeEach, expect, test } from "vitest";
import { KeptHosts } from "../src/kept-hosts.ts";

const harbourAt = (server: string) => new Map([["harbour", server]]);

let store: ReturnType<typeof createMemoryStores>["mapHosts"];
let clock: ManualClock;
let isAway: boolean;
let stored: number;
let bugs: unknown[];
beforeEach(() => {
  store = createMemoryStores().mapHosts;
  clock = new ManualClock();
  isAway = false;
  stored = 0;
  bugs = [];
});

function open(world = "Alpha"): KeptHosts {
  const unlessAway = <T>(run: () => Promise<T>): Promise<T> =>
    isAway ? Promise.reject(new Unavailable("away")) : run();
  const host = testHost({ clock, failed: (error) => void bugs.push(error) });
  return new KeptHosts(host, {
    store: {
      load: (name) => unlessAway(() => store.load(name)),
      store: (...hosts) => {
        stored += 1;
        return unlessAway(() => store.store(...hosts));
      },
    },
    world,
  });
}

test("the next process of the same world finds the stored hosts", async () => {
  open().keep(harbourAt("map-1"));
  await settled();
  expect(await open().load()).toEqual(harbourAt("map-1"));
  expect(await open("Beta").load()).toEqual(new Map());
  expect(bugs).toEqual([]);
});

test("a write is repeated while the database is down, and then stores the newest hosts", async () => {
  await store.store("Alpha", harbourAt("map-1"));
  isAway = true;
  const kept = open();
  const loading = kept.load();
  kept.keep(harbourAt("map-2"));
  kept.keep(harbourAt("map-3"));
  await clock.advance(3_500);
  isAway = false;
  await clock.advance(1_000);
  expect(await loading).toEqual(harbourAt("map-1"));
  expect(await store.load("Alpha")).toEqual(harbourAt("map-3"));
  expect(bugs).toEqual([]);
});

test("all changes during a write are stored together by the next write", async () => {
  const kept = open();
  for (const server of ["map-1", "map-2", "map-3"]) kept.keep(harbourAt(server));
  await settled();
  expect(await store.load("Alpha")).toEqual(harbourAt("map-3"));
  expect(stored).toBe(2);
});

test("a server that stops does not repeat the write", async () => {
  isAway = true;
  const kept = open();
  const loading = kept.load();
  kept.keep(harbourAt("map-1"));
  await settled();
  kept.stop();
  isAway = false;
  await clock.advance(5_000);
  expect(await loading).toBeNull();
  expect(await store.load("Alpha")).toEqual(new Map());
});
