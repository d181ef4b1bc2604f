import { postgresHosts } from "@sallyport/database";
import { type Setting, type StoreUrlForm, storeUrlProblem } from "@sallyport/server-kit";

const postgres: StoreUrlForm = {
  schemes: ["postgres", "postgresql"],
  example: "postgres://user:password@host/database",
};
const redis: StoreUrlForm = {
  schemes: ["redis", "rediss", "unix"],
  example: "redis://host:6379, rediss://host:6379 or unix:///path",
  fileScheme: "unix",
};

/** What cannot be seen in the text alone; null: nothing. */
function addressProblem(url: string): string | null {
  try {
    postgresHosts(url);
    return null;
  } catch (error) {
    // It begins with the variable and the URL without its password.
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
  `Postgres, like ${postgres.example}`,
  (url) => storeUrlProblem(url, postgres) ?? addressProblem(url),
);
const redisUrl = urlSetting(
  "REDIS_URL",
  "Redis, like redis://host:6379; without it locks live in this process and end with it",
  (url) => storeUrlProblem(url, redis),
);

export const storeSettings = { databaseUrl: optional(databaseUrl), redisUrl: optional(redisUrl) };

/** A process of its own has no database but the one it is given. */
export const processStoreSettings = { ...storeSettings, databaseUrl };

/** A gateway reads there who has whom. */
export const gatewayStoreSettings = { redisUrl };
