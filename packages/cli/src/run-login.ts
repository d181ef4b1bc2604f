import type { ByteChannel } from "@sallyport/link";
import { loginSettings } from "@sallyport/login-server";
import {
  type Environment,
  listenForLinks,
  readSettings,
  readTiming,
  readTogether,
  refuseWeakPasswords,
} from "@sallyport/server-kit";
import { certificateReaders, watchCertificates } from "./certificates.ts";
import { ragnarokSettings } from "./ragnarok-doors.ts";
import type { Running, Shell } from "./shell.ts";
import { processStoreSettings, readDatabaseUrl, readRedis } from "./store-settings.ts";
import { openProcessStores } from "./stores.ts";
import { describeDoors } from "./tiers/doors.ts";
import { openLoginTier } from "./tiers/login-tier.ts";

export const loginProcessSettings = { ...loginSettings, ...ragnarokSettings.login, ...processStoreSettings };

function checkPasswords(environment: Environment): void {
  const { linkHost, charServers } = loginSettings;
  const { host, servers } = readSettings({ host: linkHost, servers: charServers }, environment);
  const passwords = [...servers].map(
    ([username, password]) => [`CHAR_SERVERS: the password of ${username}`, password] as const,
  );
  refuseWeakPasswords({ host, hostVariable: linkHost.variable, passwords });
}

/** Rejects with `SettingsInvalid`. */
export const readLogin = (environment: Environment) =>
  readTogether({
    settings: () => readSettings(loginProcessSettings, environment),
    passwords: () => checkPasswords(environment),
    databaseUrl: () => readDatabaseUrl(processStoreSettings.databaseUrl, environment),
    redis: () => readRedis(processStoreSettings.redisUrl, environment),
    timing: () => readTiming(environment),
    ...certificateReaders(environment),
  });

/** Runs a login-server in a process of its own. */
export async function runLogin(
  {
    settings,
    databaseUrl,
    redis: { redis, redisFiles },
    timing,
    doorTls,
    linkTls,
  }: Awaited<ReturnType<typeof readLogin>>,
  shell: Shell,
): Promise<Running> {
  const { log } = shell;
  const { charServers, linkHost, linkPort, startMs } = settings;
  const stores = await openProcessStores({ databaseUrl, redis, timing, startMs, worlds: [null] }, shell);
  const linkAddress = { host: linkHost, port: linkPort };
  const listen = (accept: (channel: ByteChannel) => void) =>
    listenForLinks(linkAddress, { tls: linkTls, log, bounds: settings }, accept);
  const tier = await openLoginTier({ settings, stores, timing, doorTls, charServers, listen }, shell);
  const stopWatching = watchCertificates(shell, doorTls, linkTls?.files, redisFiles);
  tier.present();
  log.info({ ...describeDoors(tier.doors), charServers: tier.links.address }, "login-server ready");
  return {
    checks: stores.checks,
    operators: stores.operators,
    async stop() {
      stopWatching();
      await tier.stop();
      await stores.stop();
    },
  };
}
