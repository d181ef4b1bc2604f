import { charSettings } from "@sallyport/char-server";
import {
  type Environment,
  linkToOneOf,
  listenForLinks,
  readSettings,
  readTiming,
  readTogether,
  refuseWeakPasswords,
} from "@sallyport/server-kit";
import { certificateReaders, watchCertificates } from "./certificates.ts";
import { checkDataFolder, cookiesIn, dataFolderSetting } from "./data-folder.ts";
import { publicChecks } from "./public-place.ts";
import { ragnarokSettings } from "./ragnarok-doors.ts";
import type { Running, Shell } from "./shell.ts";
import { processStoreSettings, readDatabaseUrl, readRedis } from "./store-settings.ts";
import { openProcessStores } from "./stores.ts";
import { openCharTier } from "./tiers/char-tier.ts";
import { describeDoors } from "./tiers/doors.ts";

export const charProcessSettings = {
  ...charSettings,
  ...ragnarokSettings.char,
  ...processStoreSettings,
  data: dataFolderSetting,
};

function checkPassword(environment: Environment): void {
  const { linkHost, password } = charSettings;
  const given = readSettings({ host: linkHost, password }, environment);
  const passwords = [[password.variable, given.password]] as const;
  refuseWeakPasswords({ host: given.host, hostVariable: linkHost.variable, passwords });
}

/** Rejects with `SettingsInvalid`. */
export const readChar = (environment: Environment) =>
  readTogether({
    settings: () => readSettings(charProcessSettings, environment),
    password: () => checkPassword(environment),
    databaseUrl: () => readDatabaseUrl(processStoreSettings.databaseUrl, environment),
    redis: () => readRedis(processStoreSettings.redisUrl, environment),
    ...publicChecks("CHAR", charProcessSettings, environment),
    dataFolder: () => checkDataFolder(environment, { hasDatabase: false }),
    timing: () => readTiming(environment),
    ...certificateReaders(environment),
  });

/** Runs a char-server in a process of its own. */
export async function runChar(
  {
    settings,
    databaseUrl,
    redis: { redis, redisFiles },
    timing,
    doorTls,
    linkTls,
  }: Awaited<ReturnType<typeof readChar>>,
  shell: Shell,
): Promise<Running> {
  const { log, failed } = shell;
  const { world, username, password, linkHost, linkPort, startMs } = settings;
  const stores = await openProcessStores({ databaseUrl, redis, timing, startMs, worlds: [world] }, shell);
  const linkAddress = { host: linkHost, port: linkPort };
  const tier = await openCharTier(
    {
      settings,
      stores,
      timing,
      doorTls,
      credentials: { username, password },
      cookies: cookiesIn(settings.data, "char", username, log),
      connectLogin: linkToOneOf(settings.logins, linkTls),
      listen: (accept) => listenForLinks(linkAddress, { tls: linkTls, log, bounds: settings }, accept),
    },
    shell,
  );
  const { server, doors, links } = tier;
  const stopWatching = watchCertificates(shell, doorTls, linkTls?.files, redisFiles);
  tier.present();
  server
    .start()
    .then(
      () => log.info({ ...describeDoors(doors), mapServers: links.address }, "char-server ready"),
      failed,
    );
  return {
    orders: {
      key: password,
      drain: (name) => server.drainMapServer(name),
      statusOf: (name) => server.mapServerStatus(name),
    },
    checks: { "linked to the login-server": () => server.isLinked, ...stores.checks },
    operators: stores.operators,
    async stop(why) {
      stopWatching();
      // Without Redis, the locks end with this process, so it must release them now.
      await tier.stop(why === "to-return" && redis !== null ? "keep" : "release");
      await stores.stop();
    },
  };
}
