import { frontTierSettings, inwardByTcp, inwardSettings, protocolFolders } from "@sallyport/front";
import {
  doorTlsSettings,
  type Environment,
  frontServersTlsSettings,
  readDoorTls,
  readServersTls,
  readSettings,
  readTogether,
  type Settings,
  SettingsInvalid,
} from "@sallyport/server-kit";
import { watchCertificates } from "../process/certificates.ts";
import { operationSettings } from "../process/operation.ts";
import type { Running, Shell } from "../process/shell.ts";
import { openFrontTier, readProtocols } from "../tiers/front-tier.ts";
import { serverCommand } from "./server-command.ts";

const ownSettings = { ...frontTierSettings, ...inwardSettings };

export const frontProcessSettings: readonly Settings[] = [
  ownSettings,
  ...protocolFolders.map(({ settings }) => settings),
];

function readOpenProtocols(environment: Environment) {
  const protocols = readProtocols(environment);
  if (protocols.length > 0) return protocols;
  const variables = protocolFolders.map(({ settings }) => settings.port.variable);
  throw new SettingsInvalid([`one of ${variables.join(", ")} must be set: the front has no other port`]);
}

/** Reads the settings. Rejects with `SettingsInvalid`. */
export const readFront = (environment: Environment) =>
  readTogether({
    settings: () => readSettings(ownSettings, environment),
    protocols: () => readOpenProtocols(environment),
    doorTls: () => readDoorTls(environment),
    serversTls: () => readServersTls(environment, frontServersTlsSettings),
  });

/** Runs a front: clients of other protocols come to it, and it goes to the servers for them. */
export async function runFront(
  shell: Shell,
  { settings, protocols, doorTls, serversTls }: Awaited<ReturnType<typeof readFront>>,
): Promise<Running> {
  const { drainMs, loginAt, serversHost, from, sendProxy } = settings;
  const inward = inwardByTcp({
    ...{ login: loginAt, isSecure: loginAt.isSecure, serversHost, from, sendProxy },
    ca: () => serversTls.files?.current.ca ?? null,
    name: serversTls.name,
  });
  const tier = await openFrontTier(shell, { settings, protocols, inward, tls: doorTls });
  const stopWatching = watchCertificates(shell, doorTls, serversTls.files);
  const { front } = tier;
  shell.log.info({ doors: tier.doors }, "front ready");
  return {
    checks: { "the login-server answers": () => inward.probe() },
    operators: null,
    drain(why) {
      if (why === "for-good" || drainMs === 0) return null;
      void tier.close();
      return front.drain(drainMs);
    },
    async stop() {
      stopWatching();
      await tier.stop();
    },
  };
}

export const frontCommand = serverCommand({
  settings: [...frontProcessSettings, doorTlsSettings, frontServersTlsSettings],
  operation: operationSettings("info"),
  options: [],
  read: readFront,
  run: runFront,
});
