import {
  type Environment,
  optionalTextSetting,
  readSettings,
  type Setting,
  SettingsInvalid,
} from "./settings.ts";
import { type NamedFile, TlsFiles } from "./tls-files.ts";

/** Of the doors of a process: all of them, or none. */
export const doorTlsSettings = {
  cert: optionalTextSetting(
    "TLS_CERT",
    "PEM file of a certificate and its chain; with it the doors speak TLS and nothing else",
  ),
  key: optionalTextSetting("TLS_KEY", "PEM file of the certificate's key"),
};

/** Of the links of a process, those that it takes and those that it makes. */
export const linkTlsSettings = {
  cert: optionalTextSetting(
    "LINK_TLS_CERT",
    "PEM file of this server's certificate for links; with it links are TLS, each end showing its own",
  ),
  key: optionalTextSetting("LINK_TLS_KEY", "PEM file of that certificate's key"),
  ca: optionalTextSetting("LINK_TLS_CA", "PEM file of the authority that signed both ends' certificates"),
  name: optionalTextSetting(
    "LINK_TLS_NAME",
    "name in the certificate of the server that is linked to, if not the host of its address",
  ),
};

/** Of a gateway's connections to servers whose doors speak TLS. */
export const serversTlsSettings = {
  ca: optionalTextSetting(
    "GATEWAY_SERVERS_CA",
    "PEM file of the authority that signed the certificates of servers' doors, if not one that the system trusts",
  ),
  name: optionalTextSetting(
    "GATEWAY_SERVERS_NAME",
    "name in the certificates of servers' doors, if not the host that the gateway connects to",
  ),
};

export type DoorTls = TlsFiles<"cert" | "key">;

export interface LinkTls {
  readonly files: TlsFiles<"cert" | "key" | "ca">;
  readonly name: string | null;
}

export interface ServersTls {
  /** Null: the authorities that the system trusts. */
  readonly files: TlsFiles<"ca"> | null;
  readonly name: string | null;
}

/** Null: no TLS. Throws `SettingsInvalid`, which names the variables. */
export function readDoorTls(environment: Environment): DoorTls | null {
  const { cert, key } = doorTlsSettings;
  const files = readFiles({ cert, key }, environment);
  return files === null ? null : new TlsFiles(files);
}

/** Null: no TLS. Throws `SettingsInvalid`, which names the variables. */
export function readLinkTls(environment: Environment): LinkTls | null {
  const { cert, key, ca } = linkTlsSettings;
  const { name } = readSettings({ name: linkTlsSettings.name }, environment);
  const files = readFiles({ cert, key, ca }, environment);
  return files === null ? null : { files: new TlsFiles(files), name };
}

/** Throws `SettingsInvalid`, which names the variables. */
export function readServersTls(environment: Environment): ServersTls {
  const { ca } = serversTlsSettings;
  const { name } = readSettings({ name: serversTlsSettings.name }, environment);
  const files = readFiles({ ca }, environment);
  return { files: files === null ? null : new TlsFiles(files), name };
}

/** All of them or none. */
function readFiles<Names extends string>(
  settings: { readonly [N in Names]: Setting<string | null> },
  environment: Environment,
): { readonly [N in Names]: NamedFile } | null {
  const files = Object.entries<Setting<string | null>>(settings).map(([name, setting]) => ({
    name,
    setting,
    path: readSettings({ setting }, environment).setting,
  }));
  const given = files.filter(({ path }) => path !== null);
  if (given.length === 0) return null;
  const named = given.map(({ setting }) => setting.variable).join(" and ");
  const problems = files
    .filter(({ path }) => path === null)
    .map(({ setting }) => `${setting.variable} must be set together with ${named}: ${setting.doc}`);
  if (problems.length > 0) throw new SettingsInvalid(problems);
  const entries = given.map(({ name, setting, path }) => [name, { variable: setting.variable, path }]);
  return Object.fromEntries(entries) as { [N in Names]: NamedFile };
}
