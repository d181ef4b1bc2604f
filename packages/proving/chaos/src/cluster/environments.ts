import type { ServerName } from "./names.ts";
import { mapNames, spawn } from "./small-maps.ts";

/**
 * The addresses on which servers listen, and those of the proxies through which they find each other. All are
 * on loopback.
 */
export interface Addresses {
  readonly doors: { readonly [name in Exclude<ServerName, "gateway">]: number };
  readonly gatewayDoors: { readonly login: number; readonly char: number; readonly map: number };
  readonly linkDoors: { readonly "login-1": number; readonly "login-2": number; readonly char: number };
  /** The ports that clients are told for these servers. */
  readonly toldDoors: { readonly char: number; readonly "map-1": number; readonly "map-2": number };
  readonly charFinds: { readonly "login-1": number; readonly "login-2": number };
  readonly mapFinds: { readonly "map-1": number; readonly "map-2": number };
  readonly redisUrls: { readonly [name in "login-1" | "login-2" | "char" | "gateway"]: string };
  readonly databaseUrls: { readonly [name in "login-1" | "login-2" | "char"]: string };
  /** The address on which the gateway reaches servers, and from which they see it connect. */
  readonly gatewayAddress: string;
}

export interface Shared {
  readonly mapsFolder: string;
  readonly linkPassword: string;
}

/**
 * Each map-server has a map of its own, and both may have the third. The server that is up longer hosts it,
 * and the other takes it over.
 */
const hosted = { "map-1": [mapNames[0], mapNames[2]], "map-2": [mapNames[1], mapNames[2]] };
const host = "127.0.0.1";

/** The environments of docker-compose.yml, as far as a test of some minutes can have them. */
export function environmentsOf(
  addresses: Addresses,
  { mapsFolder, linkPassword }: Shared,
): { readonly [name in ServerName]: Readonly<Record<string, string>> } {
  const { doors, gatewayDoors, linkDoors, toldDoors, charFinds, mapFinds, gatewayAddress } = addresses;
  const fromGateway = { PROXY_FROM: gatewayAddress };
  const storesOf = (name: "login-1" | "login-2" | "char") => ({
    REDIS_URL: addresses.redisUrls[name],
    DATABASE_URL: addresses.databaseUrls[name],
  });
  const login = (name: "login-1" | "login-2") => ({
    ...storesOf(name),
    ...fromGateway,
    LOGIN_SERVER_NAME: name,
    LOGIN_PORT: String(doors[name]),
    LOGIN_INNER_HOST: gatewayAddress,
    LOGIN_LINK_PORT: String(linkDoors[name]),
    CHAR_SERVERS: `alpha:${linkPassword}`,
  });
  const map = (name: "map-1" | "map-2") => ({
    ...fromGateway,
    MAP_SERVER_NAME: name,
    MAPS_FOLDER: mapsFolder,
    MAPS_HOSTED: hosted[name].join(),
    MAP_PORT: String(doors[name]),
    MAP_PUBLIC_PORT: String(toldDoors[name]),
    MAP_INNER_HOST: gatewayAddress,
    CHAR_PASSWORD: linkPassword,
    CHAR_LINK: `${host}:${mapFinds[name]}`,
  });
  return {
    "login-1": login("login-1"),
    "login-2": login("login-2"),
    char: {
      ...storesOf("char"),
      ...fromGateway,
      CHAR_PORT: String(doors.char),
      CHAR_PUBLIC_PORT: String(toldDoors.char),
      CHAR_INNER_HOST: gatewayAddress,
      CHAR_LINK_PORT: String(linkDoors.char),
      CHAR_PASSWORD: linkPassword,
      LOGIN_LINK: `${host}:${charFinds["login-1"]},${host}:${charFinds["login-2"]}`,
      WORLD_SPAWN: spawn,
    },
    "map-1": map("map-1"),
    "map-2": map("map-2"),
    gateway: {
      REDIS_URL: addresses.redisUrls.gateway,
      GATEWAY_LOGIN_PORT: String(gatewayDoors.login),
      GATEWAY_CHAR_PORT: String(gatewayDoors.char),
      GATEWAY_MAP_PORT: String(gatewayDoors.map),
    },
  };
}
