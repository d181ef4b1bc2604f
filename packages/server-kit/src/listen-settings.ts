import type { DoorAddress } from "@sallyport/domain";
import { ipBytes } from "@sallyport/link";
import { type ByNetwork, byNetwork, placesOf } from "./by-network.ts";
import { type ClientBounds, defaultClientBounds } from "./client-bounds.ts";
import { defaultLinkBounds } from "./link-bounds.ts";
import { type OpenDoor, webSocketUrl } from "./open-door.ts";
import { optionalPortSetting, portSetting } from "./port-settings.ts";
import { proxiesSetting } from "./proxy-settings.ts";
import {
  addressSetting,
  countSetting,
  optionalTextSetting,
  type Setting,
  SettingsInvalid,
  textSetting,
} from "./settings.ts";
import { originsSetting, webSocketUrlSetting } from "./web-socket-settings.ts";

const many = 1_000_000;
const minute = 60_000;

/** Where a door listens, and what it takes. */
export function doorSettings(prefix: string, port: number) {
  const count = (name: keyof ClientBounds, variable: string, doc: string, min: number, max: number) =>
    countSetting(`${prefix}_${variable}`, doc, defaultClientBounds[name], min, max);
  return {
    host: textSetting(`${prefix}_HOST`, "address on which clients connect", { fallback: "127.0.0.1" }),
    port: portSetting(
      `${prefix}_PORT`,
      "port on which clients connect; 0: any free one",
      port,
      `${prefix}_HOST`,
    ),
    isProxy: proxiesSetting,
    wsPort: optionalPortSetting(
      `${prefix}_WS_PORT`,
      "port for clients over WebSocket, 0: any free one; empty: not open to them",
      `${prefix}_HOST`,
    ),
    wsOrigins: originsSetting(
      `${prefix}_WS_ORIGINS`,
      "pages that may connect: origins like https://play.example.org, https://*.example.org, capacitor://localhost or null, with commas between, or *; empty: those of loopback and of the door's own hosts",
    ),
    clientsMax: count("clientsMax", "CLIENTS_MAX", "connections at once; more are closed", 1, many),
    clientsPerAddressMax: count(
      "clientsPerAddressMax",
      "CLIENTS_PER_ADDRESS_MAX",
      "connections at once from one address; behind a proxy that PROXY_FROM does not list, all clients have one address",
      1,
      many,
    ),
    handshakeMs: countSetting(
      `${prefix}_HANDSHAKE_MS`,
      "milliseconds from connecting until TLS and the upgrade to WebSocket are done",
      5_000,
      100,
      minute,
    ),
    firstCommandMs: count(
      "firstCommandMs",
      "FIRST_COMMAND_MS",
      `milliseconds after ${prefix}_HANDSHAKE_MS in which the first whole command has to arrive`,
      100,
      10 * minute,
    ),
    newcomersMax: count(
      "newcomersMax",
      "NEWCOMERS_MAX",
      "connections at once without a first command; one more closes the oldest of the address that has most of them",
      1,
      many,
    ),
    newcomersPerAddressMax: count(
      "newcomersPerAddressMax",
      "NEWCOMERS_PER_ADDRESS_MAX",
      "connections at once from one address without a first command; one more closes the oldest",
      1,
      many,
    ),
    commandsPerSecond: count(
      "commandsPerSecond",
      "COMMANDS_PER_SECOND",
      "commands a second that are read from one client, where 128 bytes count as one; commands beyond that wait",
      1,
      many,
    ),
    aheadMs: count(
      "aheadMs",
      "AHEAD_MS",
      `milliseconds that a client may keep sending faster than ${prefix}_COMMANDS_PER_SECOND; then it is disconnected`,
      1_000,
      10 * minute,
    ),
    outputBytesMax: count(
      "outputBytesMax",
      "OUTPUT_BYTES_MAX",
      "bytes that may wait until a client reads them; a client with more is disconnected",
      2 << 20,
      1 << 30,
    ),
    unreadMs: count(
      "unreadMs",
      "UNREAD_MS",
      "milliseconds after which a client is disconnected that reads none of the bytes that wait for it",
      100,
      10 * minute,
    ),
  };
}

/** Where clients are sent, where that is not where the door listens. */
export function publicSettings(prefix: string) {
  return {
    publicHost: byNetwork(
      publicHostSetting(`${prefix}_PUBLIC_HOST`, `host that clients are sent to, if not ${prefix}_HOST`),
    ),
    publicPort: byNetwork(
      portSetting(`${prefix}_PUBLIC_PORT`, `port that clients are sent to, if not ${prefix}_PORT`, 0),
    ),
    publicWsUrl: byNetwork(
      webSocketUrlSetting(
        `${prefix}_PUBLIC_WS_URL`,
        `where clients over WebSocket are sent, if not to ${prefix}_WS_PORT, like wss://play.example.org/alpha`,
      ),
    ),
  };
}

/** What no host has in it shows that something else was meant. */
const publicHostSetting = (variable: string, doc: string): Setting<string | null> => ({
  ...optionalTextSetting(variable, doc),
  parse: (text) =>
    /[\s,=/[\]]/.test(text) || (text.includes(":") && ipBytes(text) === null)
      ? { ok: false, expected: "a host, without port or path" }
      : { ok: true, value: text === "" ? null : text },
});

/** Where a gateway connects, where that is not where the door listens. */
export const innerHostSetting = (prefix: string) =>
  optionalTextSetting(
    `${prefix}_INNER_HOST`,
    `host at which a gateway reaches it, if not ${prefix}_HOST, or the name of the machine where that is 0.0.0.0 or ::`,
  );

/** Where servers of the next tier connect. */
export function linkListenSettings(prefix: string, of: string, port: number) {
  return {
    linkHost: textSetting(`${prefix}_LINK_HOST`, `address on which ${of}s connect`, {
      fallback: "127.0.0.1",
    }),
    linkPort: portSetting(`${prefix}_LINK_PORT`, `port on which ${of}s connect`, port, `${prefix}_LINK_HOST`),
    linkHandshakeMs: countSetting(
      `${prefix}_LINK_HANDSHAKE_MS`,
      `milliseconds in which a ${of} that connects has to prove its password, after as many for TLS`,
      defaultLinkBounds.linkHandshakeMs,
      100,
      minute,
    ),
    linkNewcomersMax: countSetting(
      `${prefix}_LINK_NEWCOMERS_MAX`,
      "connections at once without that proof; one more closes the oldest of the address that has most of them",
      defaultLinkBounds.linkNewcomersMax,
      1,
      many,
    ),
    linkNewcomersPerAddressMax: countSetting(
      `${prefix}_LINK_NEWCOMERS_PER_ADDRESS_MAX`,
      "connections at once from one address without that proof; one more closes the oldest",
      defaultLinkBounds.linkNewcomersPerAddressMax,
      1,
      many,
    ),
  };
}

export const linkToSetting = (variable: string, to: string, port: number) =>
  addressSetting(variable, `address of the ${to}`, `127.0.0.1:${port}`);

/** At one place. */
export interface PublicDoor {
  readonly host: string;
  readonly publicHost: string | null;
  readonly publicPort: number;
  readonly publicWsUrl: string | null;
}

/** Throws `SettingsInvalid` where clients would be sent to an address that is none. */
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
