import type { Presence } from "../src/index.ts";

/** Returns the presence of a map-server. Each test changes the fields that it is about. */
export const presence = (over: Partial<Presence> = {}): Presence => ({
  kind: "map",
  name: "map-1",
  world: "Alpha",
  incarnation: "00112233aabbccdd",
  machine: "host-1",
  pid: 17,
  sinceMs: 1_700_000_000_000,
  state: "up",
  publicDoor: {
    host: "play.example.org",
    port: 7300,
    wsUrl: "wss://play.example.org/map",
    otherDoors: [{ dialect: "ragnarok", host: "192.0.2.1", port: 5121 }],
    near: [{ network: "10.0.0.0/8", host: "10.0.0.3", port: 7300, wsUrl: null, otherDoors: [] }],
  },
  innerDoors: [{ dialect: "native", host: "10.0.0.3", port: 7300 }],
  maps: ["harbour", "meadow"],
  clients: 3,
  players: 2,
  capacity: 500,
  links: [{ kind: "char", name: "alpha", state: "up" }],
  ...over,
});
