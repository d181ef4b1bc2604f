import { isIPv4 } from "node:net";
import { delimiter } from "node:path";
import {
  type CodePageName,
  codePageNames,
  codePages,
  type GivenOptions,
  isShownName,
  isTested,
  packetVerMax,
  packetVers,
  type RagnarokDialects,
  ragnarokDialects,
  servedPacketVer,
  usualCodePage,
} from "@sallyport/dialects/ragnarok";
import type { OtherDoor } from "@sallyport/domain";
import type { ByteChannel } from "@sallyport/link";
import { listenTcp, type TcpListener } from "@sallyport/link/tcp";
import { ragnarokMapsFolder, sampleMapsFolder } from "@sallyport/map-server";
import {
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
import type { Shell } from "./shell.ts";

/* Doors for Ragnarok clients, beside the native ones. Their protocol knows neither TLS nor names of hosts. */

const packetVer: Setting<number> = {
  variable: "RAGNAROK_PACKETVER",
  doc: "packet version of the Ragnarok clients: the date of their program, or 0 for the oldest. A version that is not tested gets each packet in its newest layout up to that date",
  fallback: "20100105",
  parse(text) {
    const value = Number(text);
    return /^\d{1,8}$/.test(text) && value <= packetVerMax
      ? { ok: true, value }
      : { ok: false, expected: `one of ${packetVers.join(", ")}, or between two of them` };
  },
};

const codePage = choiceSetting(
  "RAGNAROK_CODE_PAGE",
  "code page of names, passwords and chat of Ragnarok clients, the same on all servers of a cluster",
  usualCodePage,
  codePageNames,
);

/** Absent is null: any six digits. */
const birthDate: Setting<string | null> = {
  variable: "RAGNAROK_BIRTH_DATE",
  doc: "six digits that a Ragnarok client has to give as birth date to delete a character, because accounts have none; any: any six digits",
  fallback: "000000",
  parse: (text) =>
    text === "any" || /^\d{6}$/.test(text)
      ? { ok: true, value: text === "any" ? null : text }
      : { ok: false, expected: "six digits or any" },
};

/** Alike at all three doors. */
const clients = { packetVer, codePage };

const portOf = (tier: "LOGIN" | "CHAR" | "MAP", usual: number) =>
  optionalPortSetting(
    `RAGNAROK_${tier}_PORT`,
    `port for Ragnarok clients, usually ${usual}, 0: any free one; empty: not open to them`,
    `${tier}_HOST`,
  );

const publicSettings = (tier: "CHAR" | "MAP") => ({
  ragnarokIp: byNetwork<string | null>({
    ...optionalTextSetting(
      "RAGNAROK_PUBLIC_IP",
      `IPv4 address that Ragnarok clients are sent to, if not ${tier}_PUBLIC_HOST or ${tier}_HOST`,
    ),
    parse: (text: string) =>
      text === "" || isIPv4(text)
        ? ({ ok: true, value: text === "" ? null : text } as const)
        : ({ ok: false, expected: "an IPv4 address" } as const),
  }),
  ragnarokPublicPort: byNetwork(
    portSetting(
      `RAGNAROK_${tier}_PUBLIC_PORT`,
      `port that Ragnarok clients are sent to, if not RAGNAROK_${tier}_PORT`,
      0,
    ),
  ),
});

export const ragnarokSettings = {
  login: {
    ...clients,
    ragnarokPort: portOf("LOGIN", 6900),
    registration: flagSetting(
      "RAGNAROK_REGISTRATION",
      "whether a first login as name_M or name_F registers the account name",
      false,
    ),
  },
  char: {
    ...clients,
    ragnarokPort: portOf("CHAR", 6121),
    ...publicSettings("CHAR"),
    starter: flagSetting(
      "RAGNAROK_STARTER",
      "whether a Ragnarok client without characters is given one: many hang on an empty list",
      true,
    ),
    birthDate,
  },
  map: { ...clients, ragnarokPort: portOf("MAP", 5121), ...publicSettings("MAP") },
};

/** A gateway has doors of its own, beside the native ones. */
const gatewayPortOf = (tier: "LOGIN" | "CHAR" | "MAP", usual: number) =>
  optionalPortSetting(
    `GATEWAY_RAGNAROK_${tier}_PORT`,
    `port for Ragnarok clients of ${tier.toLowerCase()}-servers, usually ${usual}, 0: any free one; empty: not open to them`,
    "GATEWAY_HOST",
  );

export const gatewayRagnarokSettings = {
  packetVer,
  loginRagnarokPort: gatewayPortOf("LOGIN", 6900),
  charRagnarokPort: gatewayPortOf("CHAR", 6121),
  mapRagnarokPort: gatewayPortOf("MAP", 5121),
};

/** What `--ragnarok` stands for, where the environment does not say otherwise. */
export function withRagnarok(environment: Environment): Environment {
  const preset: Environment = {
    RAGNAROK_LOGIN_PORT: "6900",
    RAGNAROK_CHAR_PORT: "6121",
    RAGNAROK_MAP_PORT: "5121",
    MAPS_FOLDER: [sampleMapsFolder, ragnarokMapsFolder].join(delimiter),
    WORLD_SPAWN: "prontera:156,191",
  };
  const given = Object.entries(environment).filter(([, value]) => value !== undefined && value !== "");
  return { ...preset, ...Object.fromEntries(given) };
}

/** Such clients may work, or not: nobody has tried. */
export function warnOfUntested(packetVer: number, log: Log): void {
  if (isTested(packetVer)) return;
  const marks = { packetVer, tested: packetVers, layouts: servedPacketVer(packetVer) };
  log.warn(marks, "RAGNAROK_PACKETVER is not tested: each packet has its newest layout up to that date");
}

/** What such clients cannot show, or not in full, is no name where they are let in. */
export const shownByRagnarok = (settings: {
  readonly ragnarokPort: number | null;
  readonly codePage: CodePageName;
}): ((name: string) => boolean) =>
  settings.ragnarokPort === null ? () => true : (name) => isShownName(name, codePages[settings.codePage]);

/** Null: not open. Rejects with `ListenFailed`. */
export async function openRagnarokDoor<T extends keyof RagnarokDialects>(
  tier: T,
  settings: {
    readonly host: string;
    readonly ragnarokPort: number | null;
  } & DoorBounds &
    Omit<GivenOptions, "isoIn" | "randomBytes">,
  shell: Pick<Shell, "wallMs" | "randomBytes" | "log" | "clock" | "metrics">,
  accept: (channel: ByteChannel, dialect: RagnarokDialects[T]) => void,
): Promise<TcpListener | null> {
  const { host, ragnarokPort, ...options } = settings;
  const { wallMs, randomBytes } = shell;
  if (ragnarokPort === null) return null;
  if (options.packetVer !== undefined) warnOfUntested(options.packetVer, shell.log);
  const isoIn = (ms: number): string => new Date(wallMs() + ms).toISOString();
  const dialect = ragnarokDialects({ ...options, isoIn, randomBytes })[tier];
  const refusals = new Refusals({ ...shell, door: tier });
  return listenTcp(
    { host, port: ragnarokPort },
    (channel) => accept(channel, dialect),
    listenOptions(settings, refusals),
  );
}

/** At one place. */
interface PublicPlace {
  readonly host: string;
  readonly publicHost: string | null;
  readonly ragnarokIp: string | null;
  readonly ragnarokPublicPort: number;
}

interface PlaceSettings {
  readonly host: string;
  readonly publicHost: ByNetwork<string | null>;
  readonly ragnarokIp: ByNetwork<string | null>;
  readonly ragnarokPort: number | null;
}

/** Throws `SettingsInvalid` where there is a door for Ragnarok clients, and they would be sent to no IPv4 address. */
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

function publicIp({ host, publicHost, ragnarokIp }: Omit<PublicPlace, "ragnarokPublicPort">): string {
  const named = ragnarokIp ?? publicHost ?? host;
  return named === "localhost" ? "127.0.0.1" : named;
}

/** Where Ragnarok clients are sent. */
export function ragnarokAddress(place: PublicPlace, door: TcpListener | null): readonly OtherDoor[] {
  if (door === null) return [];
  const port = place.ragnarokPublicPort === 0 ? door.address.port : place.ragnarokPublicPort;
  return [{ dialect: "ragnarok", host: publicIp(place), port }];
}
