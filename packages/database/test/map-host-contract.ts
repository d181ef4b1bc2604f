import { beforeEach, expect, test } from "vitest";
import type { MapHostStore } from "../src/index.ts";

export function mapHostContract(open: () => MapHostStore): void {
  let hosts: MapHostStore;
  let world: string;
  let worlds = 0;
  beforeEach(() => {
    hosts = open();
    worlds += 1;
    world = `world ${worlds}`;
  });

  test("a world without stored hosts has no hosts", async () => {
    expect(await hosts.load(world)).toEqual(new Map());
  });

  test("a world has exactly the hosts that were stored last", async () => {
    const first = new Map([
      ["harbour", "map-1"],
      ["forest", "map-2"],
    ]);
    const second = new Map([
      ["forest", "map-1"],
      ["cave", "map-3"],
    ]);
    await hosts.store(world, first);
    expect(await hosts.load(world)).toEqual(first);
    await hosts.store(world, second);
    await hosts.store(world, second);
    expect(await hosts.load(world)).toEqual(second);
    await hosts.store(world, new Map());
    expect(await hosts.load(world)).toEqual(new Map());
  });

  test("each world has hosts of its own", async () => {
    await hosts.store(world, new Map([["harbour", "map-1"]]));
    await hosts.store(`${world}, another`, new Map([["harbour", "map-2"]]));
    expect(await hosts.load(world)).toEqual(new Map([["harbour", "map-1"]]));
  });

  test("hosts of thousands of maps are stored at once", async () => {
    const many = new Map(Array.from({ length: 4_096 }, (_, index) => [`map_${index}`, `map-${index % 7}`]));
    await hosts.store(world, many);
    expect(await hosts.load(world)).toEqual(many);
  });
}
