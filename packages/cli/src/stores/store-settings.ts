import { postgresHosts } from "@sallyport/database";
import { type RedisPlace, redisUrlForm, targetOf } from "@sallyport/redis";
import {
  about,
  countSetting,
  type Environment,
  type NamedFile,
  optionalTextSetting,
  readSettings,
  type Setting,
  SettingsInvalid,
  type StoreUrlForm,
  storeUrlProblem,
  TlsFiles,
} from "@sallyport/server-kit";

const postgres: StoreUrlForm = {
  schemes: ["postgres", "postgresql"],
  example: "postgres://user:password@host/database",
};
/**
 * Describes a problem in the hosts of the URL, which `storeUrlProblem` does not check. Returns null if there
 * is no problem.
 */
function addressProblem(url: string): string | null {
  try {
    postgresHosts(url);
    return null;
  } catch (error) {
    // The message begins with the name of the variable, which is removed here. The rest contains the URL
    // without its password.
    return error instanceof Error ? error.message.replace(/^DATABASE_URL /, "") : String(error);
  }
}

const urlSetting = (
  variable: string,
  doc: string,
  problemOf: (url: string) => string | null,
): Setting<string> => ({
  variable,
  doc,
  fallback: null,
  isSecret: true,
  parse(text) {
    const problem = problemOf(text);
    return problem === null ? { ok: true, value: text } : { ok: false, problem };
  },
});

const optional = ({ parse, ...setting }: Setting<string>): Setting<string | null> => ({
  ...setting,
  fallback: "",
  parse: (text) => (text === "" ? { ok: true, value: null } : parse(text)),
});

const databaseUrl = urlSetting(
  "DATABASE_URL",
  `Postgres URL, like ${postgres.example}. Accounts and characters are stored there. Without it, \`up\` keeps them in its own database in SALLYPORT_DATA.`,
  (url) => storeUrlProblem(url, postgres) ?? addressProblem(url),
);
const resourceDatabaseUrl = optional(
  urlSetting(
    "RESOURCE_DATABASE_URL",
    "Postgres URL of the database with the leaderboards. They have a schema of their own, so it may be that of the accounts: if this setting is empty, DATABASE_URL is used. Set both if they differ, so that bans of addresses hold for the resource-server too.",
    (url) => storeUrlProblem(url, postgres) ?? addressProblem(url),
  ),
);
const redisUrl = urlSetting(
  "REDIS_URL",
  "Redis URL, like redis://host:6379, or redis+sentinel://host1:26379,host2:26379/name for Sentinels. Locks and the list of servers are stored there. Without this setting they are kept in the memory of the process and are lost when it ends.",
  (url) =>
    storeUrlProblem(url, redisUrlForm) ??
    (targetOf({ url }) === null ? `it is not like ${redisUrlForm.example}` : null),
);
const redisCa = optionalTextSetting(
  "REDIS_CA",
  "PEM file with the certificate authority that signed the certificates of Redis and its Sentinels. It needs a REDIS_URL with TLS. If this setting is empty, the authorities that the system trusts are used.",
);
const databaseCa = optionalTextSetting(
  "DATABASE_CA",
  "PEM file with the certificate authority that signed the certificate of Postgres. If it is set, connections use TLS, and the certificate has to name the host of DATABASE_URL or RESOURCE_DATABASE_URL.",
);
const startMs = countSetting(
  "START_WITHIN_MS",
  "Milliseconds for which a starting process waits for Postgres and Redis. If they do not answer in that time, the process ends.",
  60_000,
  0,
  3_600_000,
);

export const storeSettings = about("stores", {
  databaseUrl: optional(databaseUrl),
  databaseCa,
  redisUrl: optional(redisUrl),
  redisCa,
  startMs,
});

/** DATABASE_URL is required here, because a server in its own process has no embedded database. */
export const processStoreSettings = about("stores", { ...storeSettings, databaseUrl });

/** A gateway reads from Redis which server owns each character. */
export const gatewayStoreSettings = about("stores", { redisUrl, redisCa, startMs });

/** A resource-server needs one of the two. */
export const resourceStoreSettings = about("stores", {
  databaseUrl: optional(databaseUrl),
  resourceDatabaseUrl,
  databaseCa,
  startMs,
});

export interface RedisSettings {
  /** Null if REDIS_URL is not set. */
  readonly redis: RedisPlace | null;
  /** The certificate file for Redis. It is read again when it changes. Null if REDIS_CA is not set. */
  readonly redisFiles: TlsFiles<"ca"> | null;
}

/** Reads the settings for Redis. Throws `SettingsInvalid`. */
export function readRedis(
  setting: Setting<string>,
  environment: Environment,
): RedisSettings & { readonly redis: RedisPlace };
export function readRedis(setting: Setting<string | null>, environment: Environment): RedisSettings;
export function readRedis(setting: Setting<string | null>, environment: Environment): RedisSettings {
  const { url, ca: path } = readSettings({ url: setting, ca: redisCa }, environment);
  if (url === null) return { redis: null, redisFiles: null };
  if (path === null) return { redis: { url }, redisFiles: null };
  if (!url.startsWith("rediss")) throw needsTls(redisCa.variable, setting.variable, "rediss://");
  const files = new TlsFiles({ ca: { variable: redisCa.variable, path } });
  return { redis: { url, ca: () => files.current.ca }, redisFiles: files };
}

/**
 * Returns the URL of a database, with parameters for TLS if DATABASE_CA is set. Returns null if `setting` is
 * empty. Throws `SettingsInvalid`.
 */
export function readDatabaseUrl(setting: Setting<string>, environment: Environment): string;
export function readDatabaseUrl(setting: Setting<string | null>, environment: Environment): string | null;
export function readDatabaseUrl(setting: Setting<string | null>, environment: Environment): string | null {
  const { url, ca: path } = readSettings({ url: setting, ca: databaseCa }, environment);
  if (url === null || path === null) return url;
  const ca: NamedFile = { variable: databaseCa.variable, path };
  // The Postgres client reads this file for each connection. It is also read here, so that a bad file is
  // reported at the start.
  new TlsFiles({ ca });
  const [base = "", query] = url.split("?", 2);
  const parameters = new URLSearchParams(query);
  const mode = parameters.get("sslmode");
  if (mode !== null && mode !== "verify-full")
    throw needsTls(ca.variable, setting.variable, "sslmode=verify-full");
  parameters.set("sslmode", "verify-full");
  parameters.set("sslrootcert", path);
  return `${base}?${parameters.toString()}`;
}

/** At least one of the two is not null. Throws `SettingsInvalid`. */
export function readResourceUrls(environment: Environment) {
  const leaderboardsUrl = readDatabaseUrl(resourceDatabaseUrl, environment);
  const accountsUrl = readDatabaseUrl(resourceStoreSettings.databaseUrl, environment);
  if (leaderboardsUrl === null && accountsUrl === null)
    throw new SettingsInvalid([
      "RESOURCE_DATABASE_URL or DATABASE_URL must be set: the leaderboards are there",
    ]);
  return { leaderboardsUrl, accountsUrl };
}

const needsTls = (variable: string, urlVariable: string, needed: string): SettingsInvalid =>
  new SettingsInvalid([`${variable} is set; ${urlVariable} then needs ${needed}`]);
