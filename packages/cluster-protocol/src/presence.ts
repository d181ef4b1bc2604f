import {
  list,
  nullable,
  oneOf,
  record,
  text,
  u16,
  u32,
  u53,
  type ValueOf,
  withFallback,
} from "@sallyport/wire";

export const serverKinds = ["login", "char", "map", "gateway"] as const;
export type ServerKind = (typeof serverKinds)[number];

const door = { host: text(255), port: u16() };
const doorOfDialect = record({ dialect: text(32), ...door });

/**
 * The dialect's name for an inner door with TLS. A gateway that does not know the name does not connect to
 * that door.
 */
export const overTls = (dialect: string): string => `${dialect}-tls`;

/**
 * What a server announces to operators and to other servers. A presence may be out of date when it is read,
 * and a dead server stays listed for some seconds. So nothing that must be correct may depend on it.
 */
export const presence = record({
  kind: oneOf(serverKinds),
  name: text(64, "also the name of the server in locks, if it owns any"),
  world: nullable(text(24), "null: the server belongs to no world"),
  incarnation: text(32, "of the process; each admission over a link has another"),
  machine: text(255, "on which the process runs"),
  pid: u32("of the process there"),
  sinceMs: u53("when it started, on its own clock: milliseconds since 1970"),
  state: oneOf(["up", "draining"], "draining: no more clients are sent there"),
  publicDoor: nullable(
    record({
      ...door,
      wsUrl: nullable(text(255)),
      otherDoors: list(doorOfDialect, 16),
      near: withFallback(
        list(
          record({
            ...{ network: text(64), ...door, wsUrl: nullable(text(255)) },
            otherDoors: list(doorOfDialect, 16),
          }),
          48,
        ),
        [],
      ),
    }),
    "where clients are sent; null: no client is sent to this server",
  ),
  innerDoors: list(
    doorOfDialect,
    16,
    "where gateways connect, one door for each dialect; the dialect of a door with TLS ends in -tls",
  ),
  maps: list(text(24), 4_096, "that it hosts"),
  clients: u32("connections at its doors"),
  players: u32("characters in its world, or on its maps"),
  capacity: nullable(u32(), "players that it takes; null: as many as its map-servers"),
  links: list(
    record({
      kind: oneOf(serverKinds),
      name: nullable(text(64), "null: the login-server that answered; its name is not known"),
      state: oneOf(["up", "suspect", "down"], "suspect: silent for a while"),
    }),
    4_096,
    "to other servers",
  ),
});
export type Presence = ValueOf<typeof presence>;

/** The part that changes while a server runs. */
export type ServerStatus = Pick<Presence, "state" | "maps" | "clients" | "players" | "capacity" | "links">;
export type LinkStatus = Presence["links"][number];
