import { type OpenDoor, webSocketUrl } from "./open-door.ts";
import {
  addressSetting,
  countSetting,
  optionalTextSetting,
  portSetting,
  SettingsInvalid,
  textSetting,
} from "./settings.ts";
import { optionalPortSetting, originsSetting, webSocketUrlSetting } from "./web-socket-settings.ts";

/** Where clients are sent. */
export interface DoorAddress {
  readonly host: string;
  readonly port: number;
  /** For those who come over WebSocket; null or absent: not open to them. */
  readonly wsUrl?: string | null;
}

/** Where a door listens. */
export function doorSettings(prefix: string, port: number) {
  return {
    host: textSetting(`${prefix}_HOST`, "address on which clients connect", { fallback: "127.0.0.1" }),
    port: portSetting(`${prefix}_PORT`, "port on which clients connect; 0: any free one", port),
    wsPort: optionalPortSetting(
      `${prefix}_WS_PORT`,
      "port for clients over WebSocket, 0: any free one; empty: not open to them",
    ),
    wsOrigins: originsSetting(
      `${prefix}_WS_ORIGINS`,
      "pages that may connect: origins like https://play.example.org, with commas between, or *; empty: those of loopback and of the door's own hosts",
    ),
    clientsMax: countSetting(
      `${prefix}_CLIENTS_MAX`,
      "connections at once; more are closed",
      20_000,
      1,
      1_000_000,
    ),
    clientsPerAddressMax: countSetting(
      `${prefix}_CLIENTS_PER_ADDRESS_MAX`,
      "of them from one address, which behind a proxy is everybody's",
      10_000,
      1,
      1_000_000,
    ),
  };
}

/** Where clients are sent, where that is not where the door listens. */
export function publicSettings(prefix: string) {
  return {
    publicHost: optionalTextSetting(
      `${prefix}_PUBLIC_HOST`,
      `host that clients are sent to, if not ${prefix}_HOST`,
    ),
    publicPort: portSetting(
      `${prefix}_PUBLIC_PORT`,
      `port that clients are sent to, if not ${prefix}_PORT`,
      0,
    ),
    publicWsUrl: webSocketUrlSetting(
      `${prefix}_PUBLIC_WS_URL`,
      `where clients over WebSocket are sent, if not to ${prefix}_WS_PORT, like wss://play.example.org/alpha`,
    ),
  };
}

/** Where servers of the next tier connect. */
export function linkListenSettings(prefix: string, of: string, port: number) {
  return {
    linkHost: textSetting(`${prefix}_LINK_HOST`, `address on which ${of}s connect`, {
      fallback: "127.0.0.1",
    }),
    linkPort: portSetting(`${prefix}_LINK_PORT`, `port on which ${of}s connect`, port),
  };
}

export const linkToSetting = (variable: string, to: string, port: number) =>
  addressSetting(variable, `address of the ${to}`, `127.0.0.1:${port}`);

export interface PublicDoor {
  readonly host: string;
  readonly publicHost: string | null;
  readonly publicPort: number;
  readonly publicWsUrl: string | null;
}

/** Throws `SettingsInvalid` where clients would be sent to an address that is none. */
export function publicAddress(prefix: string, settings: PublicDoor, door: OpenDoor): DoorAddress {
  const host = settings.publicHost ?? settings.host;
  if (host === "0.0.0.0" || host === "::") {
    throw new SettingsInvalid([`${prefix}_PUBLIC_HOST must be set: clients cannot be sent to ${host}`]);
  }
  const wsUrl =
    settings.publicWsUrl ?? (door.webSocket && webSocketUrl({ ...door.webSocket, host }, door.isSecure));
  return { host, port: settings.publicPort === 0 ? door.address.port : settings.publicPort, wsUrl };
}
