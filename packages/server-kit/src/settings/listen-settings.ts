import type { DoorAddress } from "@sallyport/domain";
import { ipAddress } from "@sallyport/link/addresses";
import { type ByNetwork, byNetwork, placesOf } from "../doors/by-network.ts";
import { type ClientBounds, defaultClientBounds } from "../doors/client-bounds.ts";
import { type OpenDoor, webSocketUrl } from "../doors/open-door.ts";
import { defaultLinkBounds } from "../links/link-bounds.ts";
import { proxiesSetting } from "./network-settings.ts";
import { optionalPortSetting, portSetting } from "./port-settings.ts";
import { about } from "./setting-topics.ts";
import { countSetting, optionalTextSetting, type Setting, SettingsInvalid, textSetting } from "./settings.ts";
import { originsSetting, webSocketUrlSetting } from "./web-socket-settings.ts";

const many = 1_000_000;
const minute = 60_000;

/** Settings for the address and the bounds of a door. `prefix` is `LOGIN`, `CHAR` or `MAP`. */
export function doorSettings(prefix: string, port: number) {
  const server = serverOf(prefix);
  const count = (name: keyof ClientBounds, variable: string, doc: string, min: number, max: number) =>
    countSetting(`${prefix}_${variable}`, doc, defaultClientBounds[name], min, max);
  const door = about("doors", {
    host: textSetting(
      `${prefix}_HOST`,
      `Address on which the ${server} listens for clients. It applies to all its client ports.`,
      { fallback: "127.0.0.1" },
    ),
    port: portSetting(
      `${prefix}_PORT`,
      `Port on which clients connect to the ${server} over TCP or TLS. 0 picks a free port.`,
      port,
      `${prefix}_HOST`,
    ),
    isProxy: proxiesSetting,
    wsPort: optionalPortSetting(
      `${prefix}_WS_PORT`,
      `Port on which clients connect to the ${server} over WebSocket. 0 picks a free port; empty opens none.`,
      `${prefix}_HOST`,
    ),
    wsOrigins: originsSetting(
      `${prefix}_WS_ORIGINS`,
      `Origins of the web pages that may connect to the ${server} over WebSocket. Empty allows pages from loopback and from the hosts of this server itself.`,
    ),
  });
  const limits = about("limits", {
    clientsMax: count(
      "clientsMax",
      "CLIENTS_MAX",
      `Maximum number of open client connections. The ${server} closes further ones.`,
      1,
      many,
    ),
    clientsPerAddressMax: count(
      "clientsPerAddressMax",
      "CLIENTS_PER_ADDRESS_MAX",
      `Maximum number of open client connections from one address. The ${server} closes further ones. Behind a proxy that PROXY_FROM does not list, all clients have the address of the proxy.`,
      1,
      many,
    ),
    handshakeMs: countSetting(
      `${prefix}_HANDSHAKE_MS`,
      `Milliseconds in which a client that connects to the ${server} has to complete the TLS handshake and the upgrade to WebSocket.`,
      5_000,
      100,
      minute,
    ),
    firstCommandMs: count(
      "firstCommandMs",
      "FIRST_COMMAND_MS",
      `Milliseconds in which the first whole command of a client has to reach the ${server}. This time begins when the client is connected and any TLS handshake and WebSocket upgrade are complete. When it is over, the ${server} disconnects the client.`,
      100,
      10 * minute,
    ),
    newcomersMax: count(
      "newcomersMax",
      "NEWCOMERS_MAX",
      `Maximum number of new connections from clients. A connection is new until the client has sent its first command. If there is one more, the ${server} looks for the address with the most new connections, and closes the oldest of these.`,
      1,
      many,
    ),
    newcomersPerAddressMax: count(
      "newcomersPerAddressMax",
      "NEWCOMERS_PER_ADDRESS_MAX",
      `Maximum number of new connections from one address. A connection is new until the client has sent its first command. If one more is opened, the ${server} closes the oldest new connection of this address.`,
      1,
      many,
    ),
    commandsPerSecond: count(
      "commandsPerSecond",
      "COMMANDS_PER_SECOND",
      `Commands that the ${server} reads from one client per second. Every 128 bytes count as one more command. Further commands are read later.`,
      1,
      many,
    ),
    aheadMs: count(
      "aheadMs",
      "AHEAD_MS",
      `Milliseconds for which a client may keep sending faster than ${prefix}_COMMANDS_PER_SECOND. Then the ${server} disconnects it.`,
      1_000,
      10 * minute,
    ),
    outputBytesMax: count(
      "outputBytesMax",
      "OUTPUT_BYTES_MAX",
      `Maximum number of bytes that the ${server} keeps for one client until the client reads them. If there are more, the ${server} disconnects the client.`,
      2 << 20,
      1 << 30,
    ),
    unreadMs: count(
      "unreadMs",
      "UNREAD_MS",
      `Milliseconds for which a client may read nothing while bytes wait for it. Then the ${server} disconnects the client.`,
      100,
      10 * minute,
    ),
  });
  return { ...door, ...limits };
}

const serverOf = (prefix: string): string =>
  prefix === "FRONT" ? "front" : `${prefix.toLowerCase()}-server`;

/** Settings for all ports of a front. Each protocol has a port of its own. */
export const frontDoorSettings = (() => {
  const { port: _, wsPort: __, wsOrigins: ___, ...door } = doorSettings("FRONT", 0);
  return {
    ...door,
    ...about("limits", {
      handshakeMs: countSetting(
        "FRONT_HANDSHAKE_MS",
        "Milliseconds in which a client that connects to the front has to complete the TLS handshake, and a proxy of PROXY_FROM to send its header.",
        5_000,
        100,
        minute,
      ),
      firstCommandMs: countSetting(
        "FRONT_FIRST_COMMAND_MS",
        "Milliseconds in which the first whole message of a client has to reach the front. People type it. When the time is over, the front disconnects the client.",
        minute,
        100,
        10 * minute,
      ),
    }),
  };
})();

/**
 * Settings for the ports of a resource-server. Its requests are longer than those of a game, and one of them
 * carries a file, so clients may send more.
 */
export const resourceDoorSettings = (() => {
  const { port: _, wsPort: __, wsOrigins: ___, ...door } = doorSettings("RESOURCE", 0);
  return {
    ...door,
    ...about("limits", {
      commandsPerSecond: countSetting(
        "RESOURCE_COMMANDS_PER_SECOND",
        "Commands that the resource-server reads from one client per second. Every 128 bytes count as one more command. Further commands are read later.",
        10_000,
        1_000,
        many,
      ),
      outputBytesMax: countSetting(
        "RESOURCE_OUTPUT_BYTES_MAX",
        "Maximum number of bytes that the resource-server keeps for one client until the client reads them. If there are more, the resource-server disconnects the client. A proof takes up to 8 MiB of them.",
        16 << 20,
        9 << 20,
        1 << 30,
      ),
    }),
  };
})();

/**
 * Clients are sent to the address in these settings. They are needed if this address differs from the address
 * of the door.
 */
export function publicSettings(prefix: string) {
  const server = serverOf(prefix);
  return about("addresses", {
    publicHost: byNetwork(
      publicHostSetting(
        `${prefix}_PUBLIC_HOST`,
        `Host to which clients of the ${server} are sent. If this setting is empty, ${prefix}_HOST is used.`,
      ),
      "play.example.org,192.168.0.0/16=192.168.1.10",
    ),
    publicPort: byNetwork(
      portSetting(
        `${prefix}_PUBLIC_PORT`,
        `Port to which clients of the ${server} are sent. 0 stands for the port that ${prefix}_PORT opened.`,
        0,
      ),
      "17200,192.168.0.0/16=7200",
    ),
    publicWsUrl: byNetwork(
      webSocketUrlSetting(
        `${prefix}_PUBLIC_WS_URL`,
        `URL to which WebSocket clients of the ${server} are sent, like wss://play.example.org/alpha. If this setting is empty, the URL is built from ${prefix}_PUBLIC_HOST and ${prefix}_WS_PORT.`,
      ),
      "wss://play.example.org,192.168.0.0/16=wss://192.168.1.10",
    ),
  });
}

/**
 * Refuses characters that no host contains. Such characters come from a mistake, such as a port or a path
 * after the host.
 */
const publicHostSetting = (variable: string, doc: string): Setting<string | null> => ({
  ...optionalTextSetting(variable, doc),
  parse: (text) =>
    /[\s,=/[\]]/.test(text) || (text.includes(":") && ipAddress(text) === null)
      ? { ok: false, expected: "a host, without port or path" }
      : { ok: true, value: text === "" ? null : text },
});

/**
 * Gateways connect to the host in this setting. It is needed if this host differs from the host of the door.
 */
export const innerHostSettings = (prefix: string) =>
  about("addresses", {
    innerHost: optionalTextSetting(
      `${prefix}_INNER_HOST`,
      `Host at which gateways connect to the ${serverOf(prefix)}. If this setting is empty, ${prefix}_HOST is used, or the host name of the machine if ${prefix}_HOST is 0.0.0.0 or ::.`,
    ),
  });

/** Settings for the address on which a server accepts links. `peer` is the kind of server that connects. */
export function linkListenSettings(prefix: string, peer: string, port: number) {
  const server = serverOf(prefix);
  return about("links", {
    linkHost: textSetting(`${prefix}_LINK_HOST`, `Address on which the ${server} listens for ${peer}s.`, {
      fallback: "127.0.0.1",
    }),
    linkPort: portSetting(
      `${prefix}_LINK_PORT`,
      `Port on which ${peer}s connect to the ${server}. 0 picks a free port.`,
      port,
      `${prefix}_LINK_HOST`,
    ),
  });
}

/** Bounds for connections that have not proved a password. `peer` is the kind of server that connects. */
export const linkBoundSettings = (prefix: string, peer: string) =>
  about("limits", {
    linkHandshakeMs: countSetting(
      `${prefix}_LINK_HANDSHAKE_MS`,
      `Milliseconds in which a ${peer} that connects to the ${serverOf(prefix)} has to prove its password. If the link uses TLS, the TLS handshake comes first and has a separate limit of the same length.`,
      defaultLinkBounds.linkHandshakeMs,
      100,
      minute,
    ),
    linkNewcomersMax: countSetting(
      `${prefix}_LINK_NEWCOMERS_MAX`,
      `Maximum number of new connections to ${prefix}_LINK_PORT. A connection is new until the ${peer} has proved its password. If there is one more, the ${serverOf(prefix)} looks for the address with the most new connections, and closes the oldest of these.`,
      defaultLinkBounds.linkNewcomersMax,
      1,
      many,
    ),
    linkNewcomersPerAddressMax: countSetting(
      `${prefix}_LINK_NEWCOMERS_PER_ADDRESS_MAX`,
      `Maximum number of new connections from one address to ${prefix}_LINK_PORT. A connection is new until the ${peer} has proved its password. If one more is opened, the ${serverOf(prefix)} closes the oldest new connection of this address.`,
      defaultLinkBounds.linkNewcomersPerAddressMax,
      1,
      many,
    ),
  });

/** The public address of a door for the clients of one network. */
export interface PublicDoor {
  readonly host: string;
  readonly publicHost: string | null;
  readonly publicPort: number;
  readonly publicWsUrl: string | null;
}

/**
 * Throws `SettingsInvalid` if clients would be sent to 0.0.0.0 or ::. Nobody can connect to these addresses.
 */
export function checkPublicHost(
  prefix: string,
  { host, publicHost }: { readonly host: string; readonly publicHost: ByNetwork<string | null> },
): void {
  for (const { pick } of placesOf([publicHost])) {
    const named = pick(publicHost) ?? host;
    if (named === "0.0.0.0" || named === "::")
      throw new SettingsInvalid([`${prefix}_PUBLIC_HOST must be set: clients cannot be sent to ${named}`]);
  }
}

export function publicAddress(settings: PublicDoor, door: OpenDoor): DoorAddress {
  const host = settings.publicHost ?? settings.host;
  const wsUrl =
    settings.publicWsUrl ?? (door.webSocket && webSocketUrl({ ...door.webSocket, host }, door.isSecure));
  const port = settings.publicPort === 0 ? door.address.port : settings.publicPort;
  return { host, port, wsUrl, otherDoors: [] };
}
