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
import type { RedisPlace } from "@sallyport/redis";
import { lossGraceMs, noMetrics, type readTiming } from "@sallyport/server-kit";
import type { Checks } from "./admin-port.ts";
import { measuredDatabase, measuredLockStore } from "./measured.ts";
import type { Shell } from "./shell.ts";
import { onceThere } from "./wait-for-stores.ts";

interface DatabaseNeeds {
  readonly url: string;
  /** Within which Postgres has to be there. */
  readonly startMs: number;
  readonly connections?: number;
}

/** Migrated, and open. */
export async function openStores({ url, startMs, ...of }: DatabaseNeeds, shell: Shell) {
  const { log, metrics = noMetrics } = shell;
  const onError = (error: Error): void => log.warn({ err: error }, "lost a connection to Postgres");
  const open = async (): Promise<Database> => {
    await migrate(url, (message) => log.info({}, message));
    return openDatabase({ url, onError, ...of });
  };
  const opened = await onceThere(open, shell, startMs);
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
  /** Within which Redis has to be there. */
  readonly startMs: number;
  readonly timing: ReturnType<typeof readTiming>;
}

/** Locks of one tier; `space` keeps tiers and worlds apart in one Redis. */
export async function openLockStore(
  redis: RedisPlace | null,
  space: string,
  { database, databaseUrl, timing, startMs }: LockStoreNeeds,
  shell: Shell,
): Promise<LockStore> {
  const { log, metrics = noMetrics } = shell;
  if (redis === null) return new MemoryLockStore({ nowMs: () => Math.floor(performance.now()) });
  // Between the note that a space is in use and its first locks it looks like one that lost them.
  const open = () =>
    oneAtATime(databaseUrl, () =>
      openRedisLockStore({
        ...redis,
        space,
        log,
        graceMs: lossGraceMs(timing),
        noteUse: () => noteLockSpace(database, space),
      }),
    );
  const store = await onceThere(open, shell, startMs);
  return measuredLockStore(store, metrics);
}

export const storeChecks = (database: Database, ...stores: readonly LockStore[]): Checks => ({
  "the database takes writes": createWriteProof(database),
  "the lock store answers": () => Promise.all(stores.map((store) => store.load("ready"))),
});
