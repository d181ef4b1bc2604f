import { isIPv4 } from "node:net";
import { delimiter } from "node:path";
import {
  type CodePageName,
  codePageNames,
  codePages,
  isShownName,
  isTested,
  packetVerMax,
  packetVers,
  type RagnarokDialects,
  type RagnarokRules,
  ragnarokDialects,
  servedPacketVer,
  usualCodePage,
} from "@sallyport/dialects/ragnarok";
import type { OtherDoor } from "@sallyport/domain";
import type { ByteChannel } from "@sallyport/link";
import { listenTcp, type TcpListener } from "@sallyport/link/tcp";
import { ragnarokMapsFolder, sampleMapsFolder } from "@sallyport/map-server";
import {
  about,
  type ByNetwork,
  byNetwork,
  choiceSetting,
  type DoorBounds,
  type Environment,
  flagSetting,
  type Log,
  listenOptions,
  optionalPortSetting,
  optionalTextSetting,
  placesOf,
  portSetting,
  Refusals,
  type Setting,
  SettingsInvalid,
} from "@sallyport/server-kit";
import type { Shell } from "../process/shell.ts";
import { withPreset } from "./with-preset.ts";

/*
 * Doors for Ragnarok clients, in addition to the native doors. The protocol of these clients has neither TLS
 * nor host names.
 */

const packetVer: Setting<number> = {
  variable: "RAGNAROK_PACKETVER",
  doc: "Packet version of the Ragnarok clients: the date of their program as eight digits, or 0 for the oldest. If the project has not tested that version, the client gets, for each packet, the newest layout that is not later than this date.",
  fallback: "20100105",
  allowed: `0 to ${packetVerMax}`,
  parse(text) {
    const value = Number(text);
    return /^\d{1,8}$/.test(text) && value <= packetVerMax
      ? { ok: true, value }
      : { ok: false, expected: `one of ${packetVers.join(", ")}, or between two of them` };
  },
};

const codePage = choiceSetting(
  "RAGNAROK_CODE_PAGE",
  "Code page in which Ragnarok clients write names, passwords and chat. All servers of a cluster need the same.",
  usualCodePage,
  codePageNames,
);

/** If the value is null, a client can send any six digits. */
const birthDate: Setting<string | null> = {
  variable: "RAGNAROK_BIRTH_DATE",
  doc: "Six digits that a Ragnarok client has to give as birth date to delete a character. Accounts have no birth date of their own. With any, a client can give any six digits.",
  fallback: "000000",
  allowed: "six digits, or any",
  parse: (text) =>
    text === "any" || /^\d{6}$/.test(text)
      ? { ok: true, value: text === "any" ? null : text }
      : { ok: false, expected: "six digits or any" },
};

/** These options are the same at all three doors. */
const clients = { packetVer, codePage };

const portOf = (tier: "LOGIN" | "CHAR" | "MAP", usual: number) =>
  optionalPortSetting(
    `RAGNAROK_${tier}_PORT`,
    `Port on which Ragnarok clients connect to the ${tier.toLowerCase()}-server, usually ${usual}. 0 picks a free port; empty opens none.`,
    `${tier}_HOST`,
  );

const publicSettings = (tier: "CHAR" | "MAP") => ({
  ragnarokIp: byNetwork<string | null>(
    {
      ...optionalTextSetting(
        "RAGNAROK_PUBLIC_IP",
        "IPv4 address to which Ragnarok clients are sent. If this setting is empty, the char-server uses CHAR_PUBLIC_HOST, and the map-server uses MAP_PUBLIC_HOST. If that setting is empty too, they use CHAR_HOST and MAP_HOST. The setting that is used must then contain an IPv4 address.",
      ),
      parse: (text: string) =>
        text === "" || isIPv4(text)
          ? ({ ok: true, value: text === "" ? null : text } as const)
          : ({ ok: false, expected: "an IPv4 address" } as const),
    },
    "203.0.113.9,192.168.0.0/16=192.168.1.10",
  ),
  ragnarokPublicPort: byNetwork(
    portSetting(
      `RAGNAROK_${tier}_PUBLIC_PORT`,
      `Port to which Ragnarok clients of the ${tier.toLowerCase()}-server are sent. 0 stands for the port that RAGNAROK_${tier}_PORT opened.`,
      0,
    ),
    "16121,192.168.0.0/16=6121",
  ),
});

export const ragnarokSettings = {
  login: about("ragnarok", {
    ...clients,
    ragnarokPort: portOf("LOGIN", 6900),
    registration: flagSetting(
      "RAGNAROK_REGISTRATION",
      "Whether the first login of a Ragnarok client as name_M or name_F registers the account name.",
      false,
    ),
  }),
  char: about("ragnarok", {
    ...clients,
    ragnarokPort: portOf("CHAR", 6121),
    ...publicSettings("CHAR"),
    starter: flagSetting(
      "RAGNAROK_STARTER",
      "Whether a Ragnarok client without characters is given one. Many such clients hang when the list is empty.",
      true,
    ),
    birthDate,
  }),
  map: about("ragnarok", { ...clients, ragnarokPort: portOf("MAP", 5121), ...publicSettings("MAP") }),
};

const gatewayPortOf = (tier: "LOGIN" | "CHAR" | "MAP", usual: number) =>
  optionalPortSetting(
    `GATEWAY_RAGNAROK_${tier}_PORT`,
    `Port of the gateway on which Ragnarok clients of the ${tier.toLowerCase()}-server connect, usually ${usual}. 0 picks a free port; empty opens none.`,
    "GATEWAY_HOST",
  );

export const gatewayRagnarokSettings = about("ragnarok", {
  packetVer,
  loginRagnarokPort: gatewayPortOf("LOGIN", 6900),
  charRagnarokPort: gatewayPortOf("CHAR", 6121),
  mapRagnarokPort: gatewayPortOf("MAP", 5121),
});

/**
 * Adds the settings that `--ragnarok` chooses. If the environment also contains a setting, its value there is
 * used.
 */
export function withRagnarok(environment: Environment): Environment {
  const preset: Environment = {
    RAGNAROK_LOGIN_PORT: "6900",
    RAGNAROK_CHAR_PORT: "6121",
    RAGNAROK_MAP_PORT: "5121",
    MAPS_FOLDER: [sampleMapsFolder, ragnarokMapsFolder].join(delimiter),
    WORLD_SPAWN: "prontera:156,191",
  };
  return withPreset(preset, environment);
}

export function warnOfUntested(packetVer: number, log: Log): void {
  if (isTested(packetVer)) return;
  const marks = { packetVer, tested: packetVers, layouts: servedPacketVer(packetVer) };
  log.warn(
    marks,
    "this RAGNAROK_PACKETVER is not tested; each packet uses its newest layout up to this version",
  );
}

/**
 * Returns a check of character names. If there is a door for Ragnarok clients, the check accepts only names
 * that these clients can show completely.
 */
export const shownByRagnarok = (settings: {
  readonly ragnarokPort: number | null;
  readonly codePage: CodePageName;
}): ((name: string) => boolean) =>
  settings.ragnarokPort === null ? () => true : (name) => isShownName(name, codePages[settings.codePage]);

/** The address and the options of a door for Ragnarok clients. */
export type RagnarokPlace = DoorBounds &
  Partial<RagnarokRules> & {
    readonly host: string;
    /** Null if no door for Ragnarok clients is opened. */
    readonly ragnarokPort: number | null;
  };

/** Resolves to null if no port is set. Rejects with `ListenFailed`. */
export async function openRagnarokDoor<T extends keyof RagnarokDialects>(
  shell: Pick<Shell, "wallMs" | "randomBytes" | "log" | "clock" | "metrics">,
  tier: T,
  settings: RagnarokPlace,
  accept: (channel: ByteChannel, dialect: RagnarokDialects[T]) => void,
): Promise<TcpListener | null> {
  const { host, ragnarokPort, ...options } = settings;
  const { wallMs, randomBytes } = shell;
  if (ragnarokPort === null) return null;
  if (options.packetVer !== undefined) warnOfUntested(options.packetVer, shell.log);
  // A ban may last longer than the last year that `Date` has.
  const isoAt = (atMs: number): string => new Date(Math.min(atMs, 8.64e15)).toISOString();
  const isoIn = (ms: number): string => isoAt(wallMs() + ms);
  const dialect = ragnarokDialects({ ...options, isoIn, isoAt, randomBytes })[tier];
  const refusals = new Refusals(shell, { door: tier });
  return listenTcp(
    { host, port: ragnarokPort },
    (channel) => accept(channel, dialect),
    listenOptions(settings, refusals),
  );
}

/** The settings that apply to clients of one network. */
interface PublicPlace extends PublicHosts {
  readonly ragnarokPublicPort: number;
}

interface PublicHosts {
  readonly host: string;
  readonly publicHost: string | null;
  readonly ragnarokIp: string | null;
}

interface PlaceSettings {
  readonly host: string;
  readonly publicHost: ByNetwork<string | null>;
  readonly ragnarokIp: ByNetwork<string | null>;
  readonly ragnarokPort: number | null;
}

/** Throws `SettingsInvalid` if there is a door for Ragnarok clients, but no IPv4 address to send them to. */
export function checkRagnarokIp(
  tier: "CHAR" | "MAP",
  { host, publicHost, ragnarokIp, ragnarokPort }: PlaceSettings,
): void {
  if (ragnarokPort === null) return;
  for (const { network, pick } of placesOf([publicHost, ragnarokIp])) {
    const named = pick(publicHost);
    const ip = publicIp({ host, publicHost: named, ragnarokIp: pick(ragnarokIp) });
    if (isIPv4(ip) && ip !== "0.0.0.0") continue;
    const variable = named === null ? `${tier}_HOST` : `${tier}_PUBLIC_HOST`;
    const at = network === null ? "" : ` for ${network}`;
    throw new SettingsInvalid([
      `RAGNAROK_PUBLIC_IP must be set${at}: Ragnarok clients are sent to IPv4 addresses, and ${variable} is ${ip}`,
    ]);
  }
}

function publicIp({ host, publicHost, ragnarokIp }: PublicHosts): string {
  const named = ragnarokIp ?? publicHost ?? host;
  return named === "localhost" ? "127.0.0.1" : named;
}

/** The address to which Ragnarok clients are sent. Empty if there is no door for them. */
export function ragnarokAddress(
  place: PublicPlace,
  door: Pick<TcpListener, "address"> | null,
): readonly OtherDoor[] {
  if (door === null) return [];
  const port = place.ragnarokPublicPort === 0 ? door.address.port : place.ragnarokPublicPort;
  return [{ dialect: "ragnarok", host: publicIp(place), port }];
}
