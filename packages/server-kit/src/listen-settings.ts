import {
  addressSetting,
  countSetting,
  optionalTextSetting,
  portSetting,
  SettingsInvalid,
  textSetting,
} from "./settings.ts";

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
    clientsMax: countSetting(
      `${prefix}_CLIENTS_MAX`,
      "connections at once; more are closed",
      20_000,
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

/** Throws `SettingsInvalid` where clients would be sent to an address that is none. */
export function publicAddress(
  prefix: string,
  door: { host: string; publicHost: string | null; publicPort: number },
  listeningPort: number,
): { readonly host: string; readonly port: number } {
  const host = door.publicHost ?? door.host;
  if (host === "0.0.0.0" || host === "::") {
    throw new SettingsInvalid([`${prefix}_PUBLIC_HOST must be set: clients cannot be sent to ${host}`]);
  }
  return { host, port: door.publicPort === 0 ? listeningPort : door.publicPort };
}
