import type { MailTokens } from "@sallyport/authentication";
import {
  type AccountStore,
  type CharacterStore,
  createAccountStore,
  createCharacterStore,
  createMailTokenStore,
  createMapHostStore,
  createNetworkBans,
  createTokenStore,
  createWorldStateStore,
  createWriteProof,
  type Database,
  type MapHostStore,
  migrate,
  type NetworkBans,
  noteLockSpace,
  oneAtATime,
  type TokenStore,
  type Trail,
  type WorldStateStore,
} from "@sallyport/database";
import type { DirectoryService } from "@sallyport/directory";
import type { LockTiming } from "@sallyport/lock-core";
import { type LockStore, MemoryLockStore } from "@sallyport/lock-store";
import { openRedisLockStore } from "@sallyport/lock-store/redis";
import { type OpenedOperators, openOperators, spaceOf } from "@sallyport/operator";
import type { RedisPlace } from "@sallyport/redis";
import { lossGraceMs } from "@sallyport/server-kit";
import type { Checks } from "../process/admin-port.ts";
import type { Shell } from "../process/shell.ts";
import { Stops } from "../process/stops.ts";
import { type AttemptNeeds, type Attempts, openAttempts } from "./attempts.ts";
import { openDirectory } from "./directory.ts";
import { loginSecret } from "./login-secret.ts";
import { measuredLockStore } from "./measured.ts";
import { openMigratedDatabase } from "./open-database.ts";
import { type AdminNeeds, openCredentials } from "./operator-credentials.ts";
import { openTrail, type TrailNeeds } from "./trail.ts";
import { onceThere } from "./wait-for-stores.ts";

interface StoreNeeds {
  readonly databaseUrl: string;
  /** The maximum number of connections to Postgres. If absent, the default of `openDatabase` applies. */
  readonly connections?: number;
  /** The Redis that stores the locks. If null, the locks are in the memory of this process. */
  readonly redis: RedisPlace | null;
  readonly timing: LockTiming;
  /** Maximum number of milliseconds to wait for each store at the start. */
  readonly startMs: number;
  /** One lock store is opened for each of these worlds. Null means the lock store of the login-servers. */
  readonly worlds: readonly (string | null)[];
  readonly admin: AdminNeeds;
  readonly trail: TrailNeeds;
  readonly attempts: AttemptNeeds;
}

export interface ProcessStores {
  readonly database: Database;
  readonly accounts: AccountStore;
  readonly mailTokens: MailTokens;
  readonly characters: CharacterStore;
  readonly mapHosts: MapHostStore;
  readonly networkBans: NetworkBans;
  readonly worldStates: WorldStateStore;
  readonly tokens: TokenStore;
  readonly trail: Trail;
  readonly directory: DirectoryService;
  /** Throws if the lock store of that world was not opened. */
  locksOf(world: string | null): LockStore;
  readonly attempts: Attempts;
  /** Returns whether the limits do not hold for a client at this host. Null: they hold for everybody. */
  readonly isExempt: AttemptNeeds["isExempt"];
  readonly checks: Checks;
  readonly operators: Pick<OpenedOperators, "serve">;
  stop(): Promise<void>;
}

/** Migrates the database and opens all stores. */
export const openProcessStores = (shell: Shell, needs: StoreNeeds): Promise<ProcessStores> =>
  Stops.opening(shell, async (stops) => {
    const { redis, timing, worlds, admin } = needs;
    const database = await openMigratedDatabase(shell, needs, [migrate]);
    stops.add(() => database.close());
    const trail = stops.addPart(openTrail(shell, database, needs.trail));
    const own: { readonly world: string | null; readonly store: LockStore }[] = [];
    for (const world of worlds) {
      const store = await openLockStore(shell, spaceOf(world), database, needs);
      stops.add(() => store.close());
      own.push({ world, store });
    }
    const directory = openDirectory(redis);
    stops.add(() => directory.close());
    const accounts = createAccountStore(database);
    const clusterSecret = await loginSecret(database);
    const networkBans = createNetworkBans(database);
    const attempts = await openAttempts(shell, needs.attempts, {
      ...{ redis, clusterSecret, networkBans, trail },
      hints: directory,
    });
    stops.add(attempts.close);
    const { limits } = attempts;
    const credentials = await openCredentials(shell, admin, { accounts, clusterSecret, limits });
    const operators = await openOperators(shell, {
      ...{ database, accounts, networkBans, directory, redis, own, timing, credentials, trail },
      limits: attempts.readings,
    });
    stops.add(() => operators.close());
    return {
      database,
      accounts,
      mailTokens: createMailTokenStore(database),
      characters: createCharacterStore(database),
      mapHosts: createMapHostStore(database),
      networkBans,
      worldStates: createWorldStateStore(database),
      tokens: createTokenStore(database),
      trail,
      directory,
      locksOf(world) {
        const found = own.find((each) => each.world === world);
        if (found === undefined) throw new Error(`no lock store of ${spaceOf(world)} was opened`);
        return found.store;
      },
      attempts,
      isExempt: needs.attempts.isExempt,
      checks: {
        "the database takes writes": createWriteProof(database),
        "the lock store answers": () => Promise.all(own.map(({ store }) => store.load("ready"))),
      },
      operators,
      stop: stops.stop,
    };
  });

/** Opens the lock store of one tier. `space` separates tiers and worlds in one Redis. */
async function openLockStore(
  shell: Shell,
  space: string,
  database: Database,
  { redis, databaseUrl, timing, startMs }: StoreNeeds,
): Promise<LockStore> {
  const { log, metrics } = shell;
  if (redis === null) return new MemoryLockStore({ nowMs: () => Math.floor(performance.now()) });
  // Only one server at a time can open a space. That server first notes in the database that the space is
  // used, and then writes to Redis. Between these two steps, a second server would think that Redis has lost
  // the locks of that space.
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
  return measuredLockStore(await onceThere(shell, open, startMs), metrics);
}
