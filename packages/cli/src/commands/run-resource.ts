import { resourceSettings } from "@sallyport/resource-server";
import {
  doorTlsSettings,
  type Environment,
  readDoorTls,
  readSettings,
  readTogether,
} from "@sallyport/server-kit";
import { watchCertificates } from "../process/certificates.ts";
import { operationSettings } from "../process/operation.ts";
import type { Running, Shell } from "../process/shell.ts";
import { Stops } from "../process/stops.ts";
import { readResourceUrls, resourceStoreSettings } from "../stores/store-settings.ts";
import { describeResource, openResourceDatabases, openResourceTier } from "../tiers/resource-tier.ts";
import { serverCommand } from "./server-command.ts";

export const resourceProcessSettings = { ...resourceSettings, ...resourceStoreSettings };

/** Reads the settings. Rejects with `SettingsInvalid`. */
export const readResource = (environment: Environment) =>
  readTogether({
    settings: () => readSettings(resourceProcessSettings, environment),
    urls: () => readResourceUrls(environment),
    doorTls: () => readDoorTls(environment),
  });

/** Runs a resource-server: leaderboards for holders of identity tokens. */
export const runResource = (
  shell: Shell,
  { settings, urls, doorTls }: Awaited<ReturnType<typeof readResource>>,
): Promise<Running> =>
  Stops.opening(shell, async (stops) => {
    const { startMs, keysUrl } = settings;
    const databases = await openResourceDatabases(shell, stops, { ...urls, startMs });
    stops.add(watchCertificates(shell, doorTls));
    const tier = stops.addPart(
      await openResourceTier(shell, { settings, databases, keys: { url: keysUrl }, doorTls }),
    );
    shell.log.info(describeResource(tier), "resource-server ready");
    return { checks: tier.checks, operators: null, stop: stops.stop };
  });

export const resourceCommand = serverCommand({
  settings: [resourceProcessSettings, doorTlsSettings],
  operation: operationSettings("info"),
  options: [],
  read: readResource,
  run: runResource,
});
