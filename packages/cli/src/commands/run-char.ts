import { charSettings } from "@sallyport/char-server";
import {
  doorTlsSettings,
  type Environment,
  linkTlsSettings,
  linkToOneOf,
  listenForLinks,
  readSettings,
  readTiming,
  readTogether,
  refuseWeakPasswords,
  timingSettings,
} from "@sallyport/server-kit";
import { certificateReaders, watchCertificates } from "../process/certificates.ts";
import { operationSettings } from "../process/operation.ts";
import type { Running, Shell } from "../process/shell.ts";
import { stopInOrder } from "../process/stops.ts";
import { attemptSettings } from "../stores/attempts.ts";
import { checkDataFolder, cookiesIn } from "../stores/data-folder.ts";
import { adminCredentialSettings, readAdmin } from "../stores/operator-credentials.ts";
import { processStoreSettings, readDatabaseUrl, readRedis } from "../stores/store-settings.ts";
import { openProcessStores } from "../stores/stores.ts";
import { trailSettings } from "../stores/trail.ts";
import { openCharTier, worldOrders } from "../tiers/char-tier.ts";
import { describeDoors } from "../tiers/doors.ts";
import { publicChecks } from "../tiers/public-place.ts";
import { ragnarokSettings } from "../tiers/ragnarok-doors.ts";
import { ragnarokOption } from "./ragnarok-option.ts";
import { serverCommand } from "./server-command.ts";

export const charProcessSettings = {
  ...charSettings,
  ...ragnarokSettings.char,
  ...processStoreSettings,
  ...adminCredentialSettings,
  ...trailSettings,
  ...attemptSettings,
};

function checkPassword(environment: Environment): void {
  const { linkHost, password } = charSettings;
  const given = readSettings({ host: linkHost, password }, environment);
  const passwords = [[password.variable, given.password]] as const;
  refuseWeakPasswords({ host: given.host, hostVariable: linkHost.variable, passwords });
}

/** Reads the settings. Rejects with `SettingsInvalid`. */
export const readChar = (environment: Environment) =>
  readTogether({
    settings: () => readSettings(charProcessSettings, environment),
    password: () => checkPassword(environment),
    admin: () => readAdmin(environment),
    databaseUrl: () => readDatabaseUrl(processStoreSettings.databaseUrl, environment),
    redis: () => readRedis(processStoreSettings.redisUrl, environment),
    ...publicChecks("CHAR", charProcessSettings, environment),
    dataFolder: () => checkDataFolder(environment, { hasDatabase: false }),
    timing: () => readTiming(environment),
    ...certificateReaders(environment),
  });

export async function runChar(
  shell: Shell,
  {
    settings,
    admin,
    databaseUrl,
    redis: { redis, redisFiles },
    timing,
    doorTls,
    linkTls,
  }: Awaited<ReturnType<typeof readChar>>,
): Promise<Running> {
  const { log, failed } = shell;
  const { world, username, password, linkHost, linkPort, startMs, retentionDays } = settings;
  const stores = await openProcessStores(shell, {
    ...{ databaseUrl, redis, timing, startMs, admin, attempts: settings },
    worlds: [world],
    trail: { server: username, retentionDays },
  });
  const linkAddress = { host: linkHost, port: linkPort };
  const tier = await openCharTier(shell, {
    settings,
    stores,
    timing,
    doorTls,
    credentials: { username, password },
    cookies: cookiesIn(settings.data, "char", username, log),
    connectLogin: linkToOneOf(settings.logins, linkTls),
    listen: (accept) => listenForLinks(linkAddress, { tls: linkTls, log, bounds: settings }, accept),
  });
  const { server, doors, links } = tier;
  const stopWatching = watchCertificates(shell, doorTls, linkTls?.files, redisFiles);
  tier.publish();
  server
    .start()
    .then(
      () => log.info({ ...describeDoors(doors), mapServers: links.address }, "char-server ready"),
      failed,
    );
  return {
    checks: { "linked to the login-server": () => server.isLinked, ...stores.checks },
    operators: stores.operators.serve({ login: null, world: worldOrders(server, world) }),
    stop: (why) =>
      stopInOrder(
        stopWatching,
        // Without Redis, the locks end with this process, and the next process cannot reclaim them. So this
        // process releases everything now.
        () => tier.stop(why === "to-return" && redis !== null ? "keep" : "release"),
        () => stores.stop(),
      ),
  };
}

export const charCommand = serverCommand({
  settings: [charProcessSettings, doorTlsSettings, linkTlsSettings, timingSettings],
  operation: operationSettings("info"),
  options: [ragnarokOption],
  read: readChar,
  run: runChar,
});
