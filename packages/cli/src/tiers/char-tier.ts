import { type CharServer, type charTierSettings, createCharServer } from "@sallyport/char-server";
import { characterNames } from "@sallyport/database";
import type { ByteChannel } from "@sallyport/link";
import type { TlsSource } from "@sallyport/link/tcp";
import type { LockTiming } from "@sallyport/lock-core";
import type { WorldOrders } from "@sallyport/operator";
import type { CookieJar, SettingValues } from "@sallyport/server-kit";
import type { Shell } from "../process/shell.ts";
import type { ProcessStores } from "../stores/stores.ts";
import { openDoors } from "./doors.ts";
import { type LinkedTier, linkedTier } from "./linked-tier.ts";
import type { LinkListener, ListenForLinks } from "./links.ts";
import { innerDoors, publishMapServers } from "./presence.ts";
import { publicAddressOf } from "./public-place.ts";
import { type ragnarokSettings, shownByRagnarok } from "./ragnarok-doors.ts";

export interface CharNeeds<Listener extends LinkListener> {
  readonly settings: SettingValues<typeof charTierSettings & typeof ragnarokSettings.char>;
  readonly stores: ProcessStores;
  readonly timing: LockTiming;
  readonly doorTls: TlsSource | null;
  readonly credentials: { readonly username: string; readonly password: string };
  /** If absent, no later process can reclaim the accounts and locks of this char-server. */
  readonly cookies?: CookieJar;
  readonly connectLogin: () => Promise<ByteChannel>;
  readonly listen: ListenForLinks<Listener>;
}

export async function openCharTier<Listener extends LinkListener>(
  shell: Shell,
  { settings, stores, timing, doorTls, credentials, cookies, connectLogin, listen }: CharNeeds<Listener>,
): Promise<LinkedTier<CharServer, "char", Listener>> {
  const { accounts, characters, mapHosts, networkBans, worldStates, directory, trail } = stores;
  const { world } = settings;
  // The doors open first, because the char-server announces its world with the ports on which the doors
  // listen.
  const doors = await openDoors(shell, "char", settings, doorTls);
  const address = publicAddressOf(settings, doors);
  const server = createCharServer(shell, {
    rules: {
      spawn: settings.spawn,
      slotCount: settings.slotCount,
      names: characterNames(settings.nameKind, shownByRagnarok(settings)),
      deletionS: settings.deletionS,
      hasDefaultCharacter: settings.hasDefaultCharacter,
      roleOrders: settings.roleOrders,
    },
    clientBounds: settings,
    linkBounds: settings,
    timing,
    characters,
    mapHosts,
    worldStates,
    accountOrders: accounts,
    networkBans,
    hints: directory,
    store: stores.locksOf(world),
    connectLogin,
    cookies,
    credentials: { ...credentials, server: credentials.username },
    world: { name: world, ...address },
    mapServerPresent: publishMapServers(shell, directory),
    trail,
  });
  const links = await listen((channel) => server.acceptMapServer(channel));
  doors.serve(server.acceptClient);
  const self = {
    kind: "char",
    name: credentials.username,
    world,
    publicDoor: address,
    innerDoors: innerDoors(settings, doors),
  } as const;
  return linkedTier(shell, directory, self, { server, doors, links });
}

/** What operators can ask of this char-server. */
export const worldOrders = (server: CharServer, world: string): WorldOrders => ({
  name: world,
  operations: server.operations,
  changes: server.changes,
  playerOrders: server.playerOrders,
  drain: (name) => server.drainMapServer(name),
  statusOf: (name) => server.mapServerStatus(name),
});
