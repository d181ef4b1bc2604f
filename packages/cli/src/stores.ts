import {
  clusterSecret,
  createAccountStore,
  createCharacterStore,
  createMapHostStore,
  createWriteProof,
  type Database,
  migrate,
  noteLockSpace,
  oneAtATime,
  openDatabase,
} from "@sallyport/database";
import { type LockStore, MemoryLockStore, openRedisLockStore } from "@sallyport/lock-store";
import { lossGraceMs, noMetrics, type readTiming } from "@sallyport/server-kit";
import type { Checks } from "./admin-port.ts";
import { measuredDatabase, measuredLockStore } from "./measured.ts";
import type { Shell } from "./shell.ts";

/** Migrated, and open. */
export async function openStores(url: string, { log, metrics = noMetrics }: Shell, connections?: number) {
  await migrate(url, (message) => log.info({}, message));
  const onError = (error: Error): void => log.warn({ err: error }, "lost a connection to Postgres");
  const opened = await openDatabase({
    url,
    onError,
    ...(connections === undefined ? {} : { connections }),
  });
  const database = measuredDatabase(opened, metrics);
  return {
    database,
    accounts: createAccountStore(database),
    characters: createCharacterStore(database),
    mapHosts: createMapHostStore(database),
  };
}

/** The same for all login-servers on the database, so that salts of unknown names do not differ. */
export const loginSecret = (database: Database): Promise<Uint8Array> => clusterSecret(database, "login");

interface LockStoreNeeds {
  readonly database: Database;
  readonly databaseUrl: string;
  readonly timing: ReturnType<typeof readTiming>;
}

/** Locks of one tier; `space` keeps tiers and worlds apart in one Redis. */
export async function openLockStore(
  redisUrl: string | null,
  space: string,
  { database, databaseUrl, timing }: LockStoreNeeds,
  { log, metrics = noMetrics }: Shell,
): Promise<LockStore> {
  if (redisUrl === null) return new MemoryLockStore({ nowMs: () => Math.floor(performance.now()) });
  // Between the note that a space is in use and its first locks it looks like one that lost them.
  const store = await oneAtATime(databaseUrl, () =>
    openRedisLockStore({
      url: redisUrl,
      space,
      log,
      graceMs: lossGraceMs(timing),
      noteUse: () => noteLockSpace(database, space),
    }),
  );
  return measuredLockStore(store, metrics);
}

export const storeChecks = (database: Database, ...stores: readonly LockStore[]): Checks => ({
  "the database takes writes": createWriteProof(database),
  "the lock store answers": () => Promise.all(stores.map((store) => store.load("ready"))),
});
