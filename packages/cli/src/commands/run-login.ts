import type { ByteChannel } from "@sallyport/link";
import { loginSettings, tokenSettings } from "@sallyport/login-server";
import { checkMail, mailSettings } from "@sallyport/mail";
import {
  doorTlsSettings,
  type Environment,
  linkTlsSettings,
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
import { adminCredentialSettings, readAdmin } from "../stores/operator-credentials.ts";
import { processStoreSettings, readDatabaseUrl, readRedis } from "../stores/store-settings.ts";
import { openProcessStores } from "../stores/stores.ts";
import { trailSettings } from "../stores/trail.ts";
import { aSeriesSettings } from "../tiers/a-series-door.ts";
import { describeDoors } from "../tiers/doors.ts";
import { openLoginTier } from "../tiers/login-tier.ts";
import { ragnarokSettings } from "../tiers/ragnarok-doors.ts";
import { ragnarokOption } from "./ragnarok-option.ts";
import { serverCommand } from "./server-command.ts";

export const loginProcessSettings = {
  ...loginSettings,
  ...mailSettings,
  ...ragnarokSettings.login,
  ...aSeriesSettings,
  ...tokenSettings,
  ...processStoreSettings,
  ...adminCredentialSettings,
  ...trailSettings,
  ...attemptSettings,
};

function checkPasswords(environment: Environment): void {
  const { linkHost, charServers } = loginSettings;
  const { host, servers } = readSettings({ host: linkHost, servers: charServers }, environment);
  const passwords = [...servers].map(
    ([username, password]) => [`CHAR_SERVERS: the password of ${username}`, password] as const,
  );
  refuseWeakPasswords({ host, hostVariable: linkHost.variable, passwords });
}

const { isConfirmationRequired } = loginSettings;

/** Reads the settings. Rejects with `SettingsInvalid`. */
export const readLogin = (environment: Environment) =>
  readTogether({
    settings: () => readSettings(loginProcessSettings, environment),
    passwords: () => checkPasswords(environment),
    admin: () => readAdmin(environment),
    mail: () => checkMail(readSettings({ ...mailSettings, isConfirmationRequired }, environment)),
    databaseUrl: () => readDatabaseUrl(processStoreSettings.databaseUrl, environment),
    redis: () => readRedis(processStoreSettings.redisUrl, environment),
    timing: () => readTiming(environment),
    ...certificateReaders(environment),
  });

export async function runLogin(
  shell: Shell,
  {
    settings,
    admin,
    databaseUrl,
    redis: { redis, redisFiles },
    timing,
    doorTls,
    linkTls,
  }: Awaited<ReturnType<typeof readLogin>>,
): Promise<Running> {
  const { log } = shell;
  const { server, charServers, linkHost, linkPort, startMs, retentionDays } = settings;
  const stores = await openProcessStores(shell, {
    ...{ databaseUrl, redis, timing, startMs, admin, attempts: settings },
    worlds: [null],
    trail: { server, retentionDays },
  });
  const linkAddress = { host: linkHost, port: linkPort };
  const listen = (accept: (channel: ByteChannel) => void) =>
    listenForLinks(linkAddress, { tls: linkTls, log, bounds: settings }, accept);
  const tier = await openLoginTier(shell, { settings, stores, timing, doorTls, charServers, listen });
  const stopWatching = watchCertificates(shell, doorTls, linkTls?.files, redisFiles);
  tier.publish();
  const { doors, links, tokenHttp } = tier;
  const keys = tokenHttp === null ? {} : { tokenHttp: tokenHttp.address };
  log.info({ ...describeDoors(doors), ...keys, charServers: links.address }, "login-server ready");
  return {
    checks: stores.checks,
    operators: stores.operators.serve({ login: tier.server, world: null }),
    logWhoIsIn: () => tier.server.logWhoIsIn(),
    stop: () =>
      stopInOrder(
        stopWatching,
        () => tier.stop(),
        () => stores.stop(),
      ),
  };
}

export const loginCommand = serverCommand({
  settings: [loginProcessSettings, doorTlsSettings, linkTlsSettings, timingSettings],
  operation: operationSettings("info"),
  options: [ragnarokOption],
  hasWorkers: true,
  read: readLogin,
  run: runLogin,
});
