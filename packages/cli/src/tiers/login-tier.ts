import type { TlsSource } from "@sallyport/link/tcp";
import type { LockTiming } from "@sallyport/lock-core";
import { createLoginServer, type LoginServer, type loginTierSettings } from "@sallyport/login-server";
import type { SettingValues } from "@sallyport/server-kit";
import type { Shell } from "../process/shell.ts";
import { measuredHasher } from "../stores/measured.ts";
import { loginSecret, type ProcessStores } from "../stores/stores.ts";
import { type Doors, openDoors } from "./doors.ts";
import type { LinkListener, ListenForLinks } from "./links.ts";
import { innerDoors, keepPublished } from "./presence.ts";
import type { ragnarokSettings } from "./ragnarok-doors.ts";

export interface LoginNeeds<Listener extends LinkListener> {
  readonly settings: SettingValues<typeof loginTierSettings & typeof ragnarokSettings.login>;
  readonly stores: ProcessStores;
  readonly timing: LockTiming;
  readonly doorTls: TlsSource | null;
  /** Passwords of char-servers by username. */
  readonly charServers: ReadonlyMap<string, string>;
  readonly listen: ListenForLinks<Listener>;
}

export interface LoginTier<Listener extends LinkListener> {
  readonly server: LoginServer;
  readonly doors: Doors<"login">;
  readonly links: Listener;
  /** Publishes this server in the directory. `stop` withdraws it. */
  publish(): void;
  stop(): Promise<void>;
}

export async function openLoginTier<Listener extends LinkListener>(
  shell: Shell,
  { settings, stores, timing, doorTls, charServers, listen }: LoginNeeds<Listener>,
): Promise<LoginTier<Listener>> {
  const { database, directory, accounts } = stores;
  const server = createLoginServer(shell, {
    authentication: settings,
    clientBounds: settings,
    linkBounds: settings,
    isRegistrationOpen: settings.isRegistrationOpen,
    secondLogin: settings.secondLogin,
    directory,
    timing,
    accounts,
    store: stores.locksOf(null),
    hasher: measuredHasher(settings, shell.metrics),
    clusterSecret: await loginSecret(database),
    charServers,
  });
  const links = await listen((channel) => server.acceptCharServer(channel));
  const doors = await openDoors(shell, "login", settings, doorTls);
  doors.serve(server.acceptClient);
  let withdraw = async (): Promise<void> => {};
  return {
    server,
    doors,
    links,
    publish() {
      const self = {
        kind: "login",
        name: settings.server,
        world: null,
        publicDoor: null,
        innerDoors: innerDoors(settings, doors),
      } as const;
      withdraw = keepPublished(shell, directory, self, () => server.status);
    },
    async stop() {
      await withdraw();
      await Promise.all([doors.stop(), links.stop()]);
      await server.stop();
    },
  };
}
