import {
  clusterSecret,
  createAccountStore,
  createCharacterStore,
  type Database,
  migrate,
  openDatabase,
} from "@sallyport/database";
import { type LockStore, MemoryLockStore, openRedisLockStore } from "@sallyport/lock-store";
import { choiceSetting, type Log, optionalTextSetting, textSetting } from "@sallyport/server-kit";

export const storeSettings = {
  databaseUrl: optionalTextSetting("DATABASE_URL", "Postgres, like postgres://user:password@host/database", {
    isSecret: true,
  }),
  redisUrl: optionalTextSetting(
    "REDIS_URL",
    "Redis, like redis://host:6379; without it locks live in this process and end with it",
    { isSecret: true },
  ),
};

/** A process of its own has no database but the one it is given. */
export const processStoreSettings = {
  ...storeSettings,
  databaseUrl: textSetting("DATABASE_URL", storeSettings.databaseUrl.doc, { isSecret: true }),
};

export const logSettings = (fallback: "info" | "warn") => ({
  logLevel: choiceSetting("LOG_LEVEL", "how much is logged", fallback, [
    "debug",
    "info",
    "warn",
    "error",
    "silent",
  ]),
});

/** Migrated, and open. */
export async function openStores(url: string, log: Log, connections?: number) {
  await migrate(url, (message) => log.info(message));
  const onError = (error: Error): void => log.warn({ err: error }, "lost a connection to Postgres");
  const database = await openDatabase({
    url,
    onError,
    ...(connections === undefined ? {} : { connections }),
  });
  return { database, accounts: createAccountStore(database), characters: createCharacterStore(database) };
}

/** The same for all login-servers on the database, so that salts of unknown names do not differ. */
export const loginSecret = (database: Database): Promise<Uint8Array> => clusterSecret(database, "login");

/** Locks of one tier; `space` keeps tiers and worlds apart in one Redis. */
export async function openLockStore(redisUrl: string | null, space: string, log: Log): Promise<LockStore> {
  if (redisUrl === null) return new MemoryLockStore({ nowMs: () => Math.floor(performance.now()) });
  return openRedisLockStore({ url: redisUrl, space, log });
}
