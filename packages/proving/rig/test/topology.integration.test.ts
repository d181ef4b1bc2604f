import { existsSync } from "node:fs";
import { SlimeClient } from "@sallyport/foreign-clients";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Topology } from "../src/topology/topology.ts";

let topology: Topology;

beforeAll(async () => {
  topology = await Topology.start({ mapServers: 1, loginServers: 2, gateway: true, fronts: 1 });
});
afterAll(() => topology?.stop(), 60_000);

const running = (): readonly string[] =>
  topology.mapServers.filter(({ isRunning }) => isRunning).map(({ name }) => name);

describe("a topology", () => {
  test("has the given number of map-servers, and removed ones end with exit code 0", async () => {
    await topology.scale(3);
    expect(running()).toEqual(["map-1", "map-2", "map-3"]);
    const [, , third] = topology.mapServers;
    await topology.scale(2);
    expect(running()).toEqual(["map-1", "map-2"]);
    expect(third?.isRunning).toBe(false);
  });

  test("has the rooms of slime clients, if it has a front", async () => {
    const entrance = topology.entrances.find(({ protocol }) => protocol.name === "slime");
    const client = await SlimeClient.connect(entrance?.login ?? { host: "", port: 0 });
    expect(await client.registers("visitor", "correct horse")).toBe(1);
    expect(await client.logsIn("visitor", "correct horse")).toMatchObject({ name: "visitor" });
    client.stream.destroy();
  });

  test("starts a killed server again under the same name", async () => {
    const [first] = topology.mapServers;
    first?.signal("SIGKILL");
    expect(await first?.untilEnded()).toBe(128);
    await first?.start();
    expect(running()).toEqual(["map-1", "map-2"]);
  });

  test("leaves nothing when it is stopped", async () => {
    await topology.stop();
    const names = ["login-1", "login-2", "char", "map-1", "map-2", "gateway", "front-1"];
    expect(topology.servers.map(({ name }) => name)).toEqual(names);
    expect(topology.servers.some(({ isRunning }) => isRunning)).toBe(false);
    expect(existsSync(topology.folder)).toBe(false);
  });
});
