import { delimiter } from "node:path";
import {
  Front,
  type frontTierSettings,
  type Inward,
  protocolFolders,
  type ReadProtocol,
} from "@sallyport/front";
import { type ByteChannel, memoryChannelPair } from "@sallyport/link";
import { listenTcp, type TcpListener, type TlsSource } from "@sallyport/link/tcp";
import { ragnarokMapsFolder, sampleMapsFolder, slimeMapsFolder } from "@sallyport/map-server";
import {
  type Environment,
  listenOptions,
  Refusals,
  SettingsInvalid,
  type SettingValues,
} from "@sallyport/server-kit";
import { programVersion } from "../process/program-version.ts";
import type { Shell } from "../process/shell.ts";
import { stopInOrder } from "../process/stops.ts";
import { aSeriesPreset } from "./a-series-door.ts";
import { keepAliveMs } from "./doors.ts";
import { tokenPreset } from "./token-doors.ts";
import { resourcePreset } from "./up-resource.ts";
import { withPreset } from "./with-preset.ts";

/* The ports for clients of other protocols, in a process of their own or in that of all servers. */

export interface FrontNeeds {
  readonly settings: SettingValues<typeof frontTierSettings>;
  readonly protocols: readonly ReadProtocol[];
  readonly inward: Inward;
  /** The certificate of the ports. Null: none of them has TLS. */
  readonly tls: TlsSource | null;
}

export interface FrontTier {
  readonly front: Front;
  /** The address of each protocol, for the log. */
  readonly doors: {
    readonly [protocol: string]: { readonly clients: TcpListener["address"]; readonly tls?: true };
  };
  /** For each protocol, a command for a terminal that speaks to it. */
  readonly tries: { readonly [protocol: string]: string };
  /** Accepts no new clients. */
  close(): Promise<void>;
  stop(): Promise<void>;
}

/** Reads the protocols whose ports are to be opened. Throws `SettingsInvalid` with the problems of all. */
export function readProtocols(environment: Environment): readonly ReadProtocol[] {
  const problems: string[] = [];
  const read = protocolFolders.flatMap((folder) => {
    try {
      return folder.read(environment) ?? [];
    } catch (error) {
      if (!(error instanceof SettingsInvalid)) throw error;
      problems.push(...error.problems);
      return [];
    }
  });
  if (problems.length > 0) throw new SettingsInvalid(problems);
  return read;
}

/**
 * Adds the settings that `--all-doors` chooses, besides those of `--web` and `--ragnarok`: every protocol, the
 * A series, identity tokens and leaderboards, on their usual ports. If the environment also contains a setting, its value there is used.
 */
export function withAllDoors(environment: Environment): Environment {
  const presets = protocolFolders.map(({ settings, usualPort, allDoors }) => ({
    ...allDoors,
    [settings.port.variable]: String(usualPort),
  }));
  const folders = [sampleMapsFolder, ragnarokMapsFolder, slimeMapsFolder].join(delimiter);
  const preset = {
    ...{ RAGNAROK_REGISTRATION: "yes", MAPS_FOLDER: folders },
    ...aSeriesPreset,
    ...tokenPreset,
    ...resourcePreset,
  };
  return withPreset(Object.assign({}, preset, ...presets), environment);
}

/** Throws `SettingsInvalid` if a protocol needs a room that these maps do not have. */
export function checkRooms(
  protocols: readonly ReadProtocol[],
  maps: ReadonlyMap<string, { readonly isOpen: boolean; readonly movement: { readonly kind: string } }>,
): void {
  const problems = protocols.flatMap(({ rooms }) =>
    rooms.flatMap(({ variable, map, isReported = false }) => {
      const found = maps.get(map);
      if (found?.isOpen !== true) return [`${variable}: ${map} is no open room of the hosted maps`];
      return isReported && found.movement.kind !== "reported"
        ? [`${variable}: ${map} has no reported movement`]
        : [];
    }),
  );
  if (problems.length > 0) throw new SettingsInvalid(problems);
}

type Accept = (channel: ByteChannel) => void;

/** Reaches servers in this process. Each gets the address of the client with the channel. */
export const inwardInMemory = (servers: { readonly [door in "login" | "char" | "map"]: Accept }): Inward => ({
  login: { host: "in-process", port: 0 },
  connectFor: (remote) => async (_to, _withinMs, door) => {
    const [near, far] = memoryChannelPair([remote, "in-process"]);
    servers[door](far);
    return near;
  },
  async probe() {},
});

/** Opens the ports of all protocols. Rejects with `ListenFailed`. */
export async function openFrontTier(
  shell: Shell,
  { settings, protocols, inward, tls }: FrontNeeds,
): Promise<FrontTier> {
  const front = new Front(shell, { inward, bounds: settings, version: programVersion });
  const { host } = settings;
  const opened: {
    readonly name: string;
    readonly tryWith: string;
    readonly listener: TcpListener;
    readonly isSecure: boolean;
  }[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(opened.map(({ listener }) => listener.stop()));
  };
  try {
    for (const protocol of protocols) {
      const { name, port, tryWith, mayBeSecure } = protocol;
      const accept = await protocol.serve(front, shell, { host, port });
      const isSecure = tls !== null && mayBeSecure;
      const listener = await listenTcp({ host, port }, accept, {
        ...listenOptions(settings, new Refusals(shell, { door: "front" })),
        keepAliveMs,
        ...(isSecure ? { tls: { source: tls } } : {}),
      });
      opened.push({ name, tryWith: tryWith(listener.address, isSecure), listener, isSecure });
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    front,
    doors: Object.fromEntries(
      opened.map(({ name, listener, isSecure }) => [
        name,
        { clients: listener.address, ...(isSecure ? { tls: true } : {}) },
      ]),
    ),
    tries: Object.fromEntries(opened.map(({ name, tryWith }) => [name, tryWith])),
    close,
    stop: () => stopInOrder(close, () => front.stop()),
  };
}
