/*
 * Which servers there are. A server is known by its name, and its port is its place in the list. A world is a char-server
 * and two map-servers, with link credentials and a lock store of its own; login-servers and the database are shared.
 */

export const loginNames = ["login-1", "login-2", "login-3", "login-4"] as const;
export const worldNames = ["Alpha", "Beta"] as const;
export type WorldName = (typeof worldNames)[number];

export const worlds = {
  Alpha: { char: "char", maps: ["map-1", "map-2"], password: "link password" },
  Beta: { char: "char-2", maps: ["map-3", "map-4"], password: "another link password" },
} as const satisfies { readonly [W in WorldName]: object };

export type LoginName = (typeof loginNames)[number];
export type CharName = (typeof worlds)[WorldName]["char"];
export type MapName = (typeof worlds)[WorldName]["maps"][number];
export type ServerName = LoginName | CharName | MapName;

const charNames: readonly CharName[] = worldNames.map((world) => worlds[world].char);
export const serverNames: readonly ServerName[] = [
  ...loginNames,
  ...worldNames.flatMap((world) => [worlds[world].char, ...worlds[world].maps]),
];

/** How much of it there is. */
export interface Topology {
  readonly loginServers: 1 | 2 | 3 | 4;
  readonly worlds: readonly WorldName[];
}

/** Null: a login-server, which is of no one world. */
export const worldOf = (server: string): WorldName | null =>
  worldNames.find(
    (world) => worlds[world].char === server || worlds[world].maps.some((name) => name === server),
  ) ?? null;

export const isMap = (server: string): server is MapName => server.startsWith("map-");
export const isChar = (server: string): server is CharName => charNames.some((name) => name === server);

export const namesIn = (topology: Topology): readonly ServerName[] => {
  const logins: readonly string[] = loginNames.slice(0, topology.loginServers);
  return serverNames.filter((name) => {
    const world = worldOf(name);
    return world === null ? logins.includes(name) : topology.worlds.includes(world);
  });
};
