import type { Database, Statement } from "./database.ts";

/** Knows the name of the map-server that hosts each map. Every method can throw `Unavailable`. */
export interface MapHostStore {
  load(world: string): Promise<ReadonlyMap<string, string>>;
  /** Replaces all hosts of the world. Storing the same again is harmless. */
  store(world: string, hosts: ReadonlyMap<string, string>): Promise<void>;
}

const statements = {
  load: { name: "map-hosts-load", text: "SELECT map, server FROM map_hosts WHERE world = $1" },
  store: {
    name: "map-hosts-store",
    text: `WITH given AS (
        SELECT map, server FROM unnest($2::text[], $3::text[]) AS given (map, server)
      ), gone AS (
        DELETE FROM map_hosts WHERE world = $1 AND map NOT IN (SELECT map FROM given)
      ) INSERT INTO map_hosts (world, map, server) SELECT $1, map, server FROM given
      ON CONFLICT (world, map) DO UPDATE SET server = excluded.server
        WHERE map_hosts.server <> excluded.server`,
  },
} satisfies Record<string, Statement>;

export function createMapHostStore(database: Database): MapHostStore {
  return {
    load: async (world) => {
      const rows = await database.query<{ map: string; server: string }>(statements.load, [world]);
      return new Map(rows.map(({ map, server }) => [map, server]));
    },
    store: async (world, hosts) => {
      await database.query(statements.store, [world, [...hosts.keys()], [...hosts.values()]]);
    },
  };
}

export function createMemoryMapHostStore(): MapHostStore {
  const worlds = new Map<string, ReadonlyMap<string, string>>();
  return {
    load: async (world) => worlds.get(world) ?? new Map(),
    store: async (world, hosts) => void worlds.set(world, new Map(hosts)),
  };
}
