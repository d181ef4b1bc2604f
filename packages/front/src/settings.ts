import type { ByteChannel } from "@sallyport/link";
import { ipAddress } from "@sallyport/link/addresses";
import {
  about,
  countSetting,
  type Environment,
  flagSetting,
  frontDoorSettings,
  type Host,
  optionalTextSetting,
  readSettings,
  type Setting,
  type Settings,
  type SettingValues,
} from "@sallyport/server-kit";
import type { Front } from "./front.ts";
import type { Address } from "./inward.ts";

const day = 86_400_000;

export interface LoginAt extends Address {
  readonly isSecure: boolean;
}

const loginAt: Setting<LoginAt> = {
  variable: "FRONT_LOGIN",
  doc: "Address of the login-server, or of a gateway in front of it, like tcp://127.0.0.1:7100. With tls://, the front uses TLS for all servers.",
  fallback: "tcp://127.0.0.1:7100",
  parse(text) {
    const url = /^(?:tcp|tls):\/\/[^/?#@]+:\d+\/?$/.test(text) && URL.canParse(text) ? new URL(text) : null;
    if (url === null)
      return { ok: false, expected: "an address like tcp://127.0.0.1:7100 or tls://play.example.org:7100" };
    const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
    return { ok: true, value: { host, port: Number(url.port), isSecure: url.protocol === "tls:" } };
  },
};

const from: Setting<string | null> = {
  ...optionalTextSetting(
    "FRONT_FROM",
    "IP address of this machine from which the front connects to servers and gateways, like 127.0.0.3. PROXY_FROM of each of them has to list it. If this setting is empty, the system picks the address.",
  ),
  parse: (text) =>
    text === "" || ipAddress(text) !== null
      ? { ok: true, value: text === "" ? null : text }
      : { ok: false, expected: "an IP address" },
};

/** Where the front listens, and how many clients it takes. A front in one process with the servers needs no others. */
export const frontTierSettings = {
  ...frontDoorSettings,
  ...about("stopping", {
    drainMs: countSetting(
      "FRONT_DRAIN_WITHIN_MS",
      "Milliseconds for which clients of the front may stay after SIGTERM, while it takes no new ones. 0 lets them all leave at once; their characters are saved.",
      0,
      0,
      day,
    ),
  }),
};

/** How a front in its own process reaches the servers. */
export const inwardSettings = about("front", {
  loginAt,
  serversHost: optionalTextSetting(
    "FRONT_SERVERS_HOST",
    "Host to which the front connects for char- and map-servers, such as that of a gateway in front of all of them. If this setting is empty, the front connects to the hosts that servers tell their clients.",
  ),
  from,
  sendProxy: flagSetting(
    "FRONT_SEND_PROXY",
    "Whether the front begins each connection to a server with a PROXY header, which has the address of the client. Without it, all clients of the front have the address of the front.",
    true,
  ),
});

type FolderSettings = Settings & {
  /** Null: the port is not opened. */
  readonly port: Setting<number | null>;
  /** Whether the port accepts TLS only, if the process has a certificate. Absent: it has no TLS. */
  readonly tls?: Setting<boolean>;
};

/** A protocol that a front can serve: one of the folders in `protocols`. */
export interface ProtocolFolder {
  readonly name: string;
  /** The port on which its clients expect it. */
  readonly usualPort: number;
  readonly settings: FolderSettings;
  /** What `--all-doors` sets for it, besides its port. */
  readonly allDoors: Environment;
  /** Reads the settings. Throws `SettingsInvalid`. Null if the port is not to be opened. */
  read(environment: Environment): ReadProtocol | null;
}

export interface ReadProtocol {
  readonly name: string;
  /** A command for a terminal that speaks to this port. `isSecure`: the port accepts TLS only. */
  readonly tryWith: (at: Address, isSecure: boolean) => string;
  /** Whether the port accepts TLS only, if the process has a certificate. */
  readonly mayBeSecure: boolean;
  readonly port: number;
  /** The open rooms that its clients need. */
  readonly rooms: readonly RoomNeeded[];
  /** Begins to serve the protocol at this port of the front. */
  serve(front: Front, host: Host, at: Address): Promise<(channel: ByteChannel) => void>;
}

export interface RoomNeeded {
  /** The setting that names the room. */
  readonly variable: string;
  readonly map: string;
  /** Whether its clients report their positions, so that the map has to have reported movement. */
  readonly isReported?: boolean;
}

interface FolderOptions<S extends Settings> {
  readonly name: string;
  readonly usualPort: number;
  readonly tryWith: ReadProtocol["tryWith"];
  readonly settings: S;
  readonly allDoors?: Environment;
  readonly rooms?: (values: SettingValues<S>) => readonly RoomNeeded[];
  readonly serve: (
    values: SettingValues<S>,
    front: Front,
    at: Address,
    host: Host,
  ) => Promise<(channel: ByteChannel) => void>;
}

export function protocolFolder<S extends FolderSettings>({
  name,
  usualPort,
  tryWith,
  settings,
  allDoors = {},
  rooms,
  serve,
}: FolderOptions<S>): ProtocolFolder {
  return {
    name,
    usualPort,
    settings,
    allDoors,
    read(environment) {
      const values = readSettings(settings, environment);
      const { port, tls = false } = values as { readonly port: number | null; readonly tls?: boolean };
      if (port === null) return null;
      return {
        ...{ name, tryWith, port, mayBeSecure: tls, rooms: rooms?.(values) ?? [] },
        serve: (front, host, at) => serve(values, front, at, host),
      };
    },
  };
}
