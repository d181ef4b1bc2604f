import type { RedisOptions } from "ioredis";

export interface RedisPlace {
  readonly url: string;
  /**
   * Returns the certificate authority as PEM. Called for each connection. If absent, the authorities that the
   * system trusts are used.
   */
  readonly ca?: (() => string) | undefined;
}

/**
 * With `redis+sentinel://user:password@s1:26379,s2:26379/name/db`, ioredis asks the Sentinels `s1` and `s2`
 * for the address of the master called `name`.
 */
export const redisUrlForm = {
  schemes: ["redis", "rediss", "unix", "redis+sentinel", "rediss+sentinel"],
  example:
    "redis://host:6379, rediss://host:6379, unix:///path or redis+sentinel://host1:26379,host2:26379/name",
  fileScheme: "unix",
} as const;

/** Hides the query, and everything before the last @, because a password may contain an @. */
export const shownRedisUrl = (url: string): string =>
  url.replace(/(?<=^[\w+]+:\/\/).*@/s, "***@").replace(/\?.*$/s, "");

type Target = Pick<
  RedisOptions,
  | "sentinels"
  | "name"
  | "username"
  | "password"
  | "db"
  | "sentinelUsername"
  | "sentinelPassword"
  | "tls"
  | "sentinelTLS"
  | "enableTLSForSentinelMode"
>;

const sentinelPort = 26_379;
const sentinelUrl =
  /^(?<scheme>rediss?)\+sentinel:\/\/(?:(?<account>.*)@)?(?<hosts>[^/?]+)\/(?<name>[^/?]+)(?:\/(?<db>\d+))?\/?(?:\?(?<query>.*))?$/s;

/**
 * Converts `url` to a URL and options for ioredis. Returns null if `url` is not a URL of Redis. The query may
 * hold the credentials for the Sentinels, in `sentinel_username` and `sentinel_password`.
 */
export function targetOf({
  url,
  ca,
}: RedisPlace): { readonly url: string | null; readonly options: Target } | null {
  // A getter, so that each new connection reads the authority again. The file of the authority may have been
  // renewed.
  const tls =
    ca === undefined
      ? {}
      : {
          get ca() {
            return ca();
          },
        };
  if (!/\+sentinel:/.test(url)) {
    if (!/^(redis|rediss|unix):\/\/./.test(url) || !namesDatabaseByNumber(url)) return null;
    if (!url.startsWith("unix:") && /^[^/?]*,/.test(afterAccount(url))) return null;
    const hasOwnCa = url.startsWith("rediss:") && ca !== undefined;
    // With a `rediss` URL, ioredis would override these TLS options.
    return hasOwnCa ? { url: url.replace(/^rediss/, "redis"), options: { tls } } : { url, options: {} };
  }
  const { scheme, account, hosts = "", name = "", db, query } = sentinelUrl.exec(url)?.groups ?? {};
  if (scheme === undefined) return null;
  const parameters = new URLSearchParams(query);
  const [username, password] = credentialsIn(account ?? "");
  const secured = scheme === "rediss" && { tls, sentinelTLS: tls, enableTLSForSentinelMode: true };
  return {
    url: null,
    options: {
      sentinels: hosts.split(",").map(sentinelAt),
      name: decodeURIComponent(name),
      db: Number(db ?? 0),
      ...given("username", username),
      ...given("password", password),
      ...given("sentinelUsername", parameters.get("sentinel_username")),
      ...given("sentinelPassword", parameters.get("sentinel_password")),
      ...secured,
    },
  };
}

const afterAccount = (url: string): string => url.replace(/^\w+:\/\/(?:.*@)?/s, "");

/** If the name of the database is not a number, ioredis silently uses database 0. */
function namesDatabaseByNumber(url: string): boolean {
  const [, path = "", query] = /^\w+:\/\/[^/?]*([^?]*)(?:\?(.*))?$/s.exec(url) ?? [];
  const db = new URLSearchParams(query).get("db") ?? "0";
  return /^\d+$/.test(db) && (url.startsWith("unix:") || /^(?:\/\d*)?$/.test(path));
}

const given = <K extends string>(key: K, value: string | null) =>
  value === null || value === "" ? {} : ({ [key]: value } as { readonly [P in K]: string });

function credentialsIn(account: string): readonly [username: string | null, password: string | null] {
  const [, username = "", password] = /^([^:]*)(?::(.*))?$/s.exec(account) ?? [];
  return [decodeURIComponent(username), password === undefined ? null : decodeURIComponent(password)];
}

/** An IPv6 host must be in brackets. */
function sentinelAt(text: string): { readonly host: string; readonly port: number } {
  const { hostname, port } = new URL(`tcp://${text}`);
  return { host: hostname.replace(/^\[(.*)\]$/, "$1"), port: port === "" ? sentinelPort : Number(port) };
}
