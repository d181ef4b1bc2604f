import { about } from "./setting-topics.ts";
import {
  type Environment,
  flagSetting,
  optionalTextSetting,
  readSettings,
  type Setting,
  SettingsInvalid,
} from "./settings.ts";
import { type NamedFile, TlsFiles } from "./tls-files.ts";

/** Settings for TLS on all ports for clients that know it. Either all ports for native clients use TLS, or none. */
export const doorTlsSettings = about("tls", {
  cert: optionalTextSetting(
    "TLS_CERT",
    "PEM file with the certificate for the client ports, followed by its chain. Set it together with TLS_KEY. Then the ports for native clients, CHAT_PORT, LINE_PORT, TOKEN_PORT, TOKEN_HTTP_PORT, RESOURCE_PORT, RESOURCE_HTTP_PORT and WEB_PORT accept TLS only. CHAT_TLS, LINE_TLS and TOKEN_TLS can switch it off, each for its port. Ports for Ragnarok, A-series and slime clients have no TLS.",
  ),
  key: optionalTextSetting("TLS_KEY", "PEM file with the private key of TLS_CERT."),
});

/** The setting with which the clients of one port do without TLS. */
export const portTlsSetting = (variable: string, port: string): Setting<boolean> =>
  flagSetting(
    variable,
    `Whether ${port} accepts TLS only if TLS_CERT is set. With no, its clients connect without TLS.`,
    true,
  );

/** Settings for TLS on all links of a process: the links that it accepts and the links that it opens. */
export const linkTlsSettings = about("tls", {
  cert: optionalTextSetting(
    "LINK_TLS_CERT",
    "PEM file with the certificate that this server shows on its links to other servers. Set it together with LINK_TLS_KEY and LINK_TLS_CA; links then use mutual TLS.",
  ),
  key: optionalTextSetting("LINK_TLS_KEY", "PEM file with the private key of LINK_TLS_CERT."),
  ca: optionalTextSetting(
    "LINK_TLS_CA",
    "PEM file with the certificate authority that signed the certificates of the servers at both ends of a link.",
  ),
  name: optionalTextSetting(
    "LINK_TLS_NAME",
    "Name that must be in the certificate of the server at the other end of a link. If this setting is empty, the certificate has to contain the host in the address of the link.",
  ),
});

/** Settings for TLS on the connections of a gateway or a front to servers. */
const serversTls = (prefix: "GATEWAY" | "FRONT") => {
  const name = prefix.toLowerCase();
  return about("tls", {
    ca: optionalTextSetting(
      `${prefix}_SERVERS_CA`,
      `PEM file with the certificate authority that signed the certificates of the servers behind the ${name}. If this setting is empty, the authorities that the system trusts are used.`,
    ),
    name: optionalTextSetting(
      `${prefix}_SERVERS_NAME`,
      `Name that must be in the certificates of the servers behind the ${name}. If this setting is empty, the certificates have to contain the host that the ${name} connects to.`,
    ),
  });
};
export const serversTlsSettings = serversTls("GATEWAY");
export const frontServersTlsSettings = serversTls("FRONT");

export type DoorTls = TlsFiles<"cert" | "key">;

export interface LinkTls {
  readonly files: TlsFiles<"cert" | "key" | "ca">;
  readonly name: string | null;
}

export interface ServersTls {
  /** The certificates of the trusted authorities. If null, the authorities of the system are trusted. */
  readonly files: TlsFiles<"ca"> | null;
  readonly name: string | null;
}

/** Returns null if TLS is not set up. Throws `SettingsInvalid`, which contains the names of the variables. */
export function readDoorTls(environment: Environment): DoorTls | null {
  const { cert, key } = doorTlsSettings;
  const files = readFiles({ cert, key }, environment);
  return files === null ? null : new TlsFiles(files);
}

/** Returns null if TLS is not set up. Throws `SettingsInvalid`, which contains the names of the variables. */
export function readLinkTls(environment: Environment): LinkTls | null {
  const { cert, key, ca } = linkTlsSettings;
  const { name } = readSettings({ name: linkTlsSettings.name }, environment);
  const files = readFiles({ cert, key, ca }, environment);
  return files === null ? null : { files: new TlsFiles(files), name };
}

/** Throws `SettingsInvalid`, which contains the names of the variables. */
export function readServersTls(environment: Environment, settings = serversTlsSettings): ServersTls {
  const { ca } = settings;
  const { name } = readSettings({ name: settings.name }, environment);
  const files = readFiles({ ca }, environment);
  return { files: files === null ? null : new TlsFiles(files), name };
}

/** Returns null if none of the files is set. Throws `SettingsInvalid` if only some of them are set. */
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
