/*
 * The servers of a simulated cluster. A server's name identifies it, and its position in the list of names is
 * its port. A world is a char-server and two map-servers. Each world has its own link credentials and lock
 * store. The worlds share the login-servers and the database.
 */

export const loginNames = ["login-1", "login-2", "login-3", "login-4"] as const;
export const worldNames = ["Alpha", "Beta"] as const;
export type WorldName = (typeof worldNames)[number];

export const worlds = {
  Alpha: { char: "char", maps: ["map-1", "map-2"], password: "link password" },
  Beta: { char: "char-2", maps: ["map-3", "map-4"], password: "another link password" },
} as const satisfies { readonly [W in WorldName]: object };

/** Each world has its own lock store, and the login tier has one too. */
export const lockTiers = ["login", ...worldNames] as const;
export type LockTier = (typeof lockTiers)[number];
export type StoreName = LockTier | "database";

/** Gateways serve only one world. The servers of the other world do not know of gateways. */
export const gatewayNames = ["gateway-1", "gateway-2"] as const;
export const gatewayWorld: WorldName = "Alpha";
export const doorNames = ["login", "char", "map"] as const;
export type DoorName = (typeof doorNames)[number];

export type LoginName = (typeof loginNames)[number];
export type CharName = (typeof worlds)[WorldName]["char"];
export type MapName = (typeof worlds)[WorldName]["maps"][number];
export type GatewayName = (typeof gatewayNames)[number];
export type ServerName = LoginName | CharName | MapName | GatewayName;

const charNames: readonly CharName[] = worldNames.map((world) => worlds[world].char);
export const serverNames: readonly ServerName[] = [
  ...loginNames,
  ...worldNames.flatMap((world) => [worlds[world].char, ...worlds[world].maps]),
  ...gatewayNames,
];

export interface Topology {
  readonly loginServers: 1 | 2 | 3 | 4;
  readonly worlds: readonly WorldName[];
  readonly gateways: 0 | 1 | 2;
  /** The doors that clients reach through gateways. The map door is always among them. */
  readonly gatewayDoors: readonly DoorName[];
}

/** Returns the world of a server. Null if it is a login-server or a gateway. */
export const worldOf = (server: string): WorldName | null =>
  worldNames.find(
    (world) => worlds[world].char === server || worlds[world].maps.some((name) => name === server),
  ) ?? null;

export const charOf = (server: string): CharName => worlds[worldOf(server) ?? "Alpha"].char;

export const isMap = (server: string): server is MapName => server.startsWith("map-");
export const isChar = (server: string): server is CharName => charNames.some((name) => name === server);
export const isLogin = (server: string): server is LoginName => server.startsWith("login-");
export const isGateway = (server: string): server is GatewayName => server.startsWith("gateway-");

export const namesIn = ({ loginServers, worlds: all, gateways }: Topology): readonly ServerName[] => [
  ...loginNames.slice(0, loginServers),
  ...all.flatMap((world) => [worlds[world].char, ...worlds[world].maps]),
  ...gatewayNames.slice(0, gateways),
];

/** Returns the public port of a gateway door. Both gateways use the same ports. */
export const gatewayPortOf = (door: DoorName): number => serverNames.length + doorNames.indexOf(door);
