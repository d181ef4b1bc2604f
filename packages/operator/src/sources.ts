import {
  createAccountAdmin,
  createAccountLookup,
  createInvitationStore,
  createNonceStore,
  createTrailStore,
  type Database,
  type Trail,
} from "@sallyport/database";
import type { Directory, HintBus } from "@sallyport/directory";
import { Unavailable } from "@sallyport/domain";
import type { LockTiming } from "@sallyport/lock-core";
import { type LockReader, type LockStore, MemoryLockStore } from "@sallyport/lock-store";
import { openRedisLockReaders } from "@sallyport/lock-store/redis";
import type { RedisPlace } from "@sallyport/redis";
import { type Host, ordersTopic } from "@sallyport/server-kit";
import type { LimitReadings } from "./limit-text.ts";
import { LockCensus } from "./lock-census.ts";
import { spaceOf } from "./lock-rows.ts";
import { createAdminApp, type Operators } from "./port/admin-app.ts";
import type { Credentials } from "./port/admin-credential.ts";
import type { Services } from "./requests/request.ts";
import { createOperatorView } from "./view.ts";

export interface OpenedOperators {
  /** Returns what answers operators, once the servers of this process have started. */
  serve(own: Pick<Services, "login" | "world">): Operators;
  close(): Promise<void>;
}

interface OwnStore {
  /** Null for the store of the login-servers. */
  readonly world: string | null;
  readonly store: LockStore;
}

/** With Redis, the answers cover the whole cluster. Without Redis, they cover only this process. */
export async function openOperators(
  host: Pick<Host, "clock" | "wallMs" | "metrics" | "log" | "failed">,
  {
    database,
    directory,
    redis,
    own,
    timing,
    credentials,
    trail,
    accounts,
    networkBans,
    limits,
  }: {
    readonly database: Database;
    readonly accounts: Services["accounts"];
    readonly networkBans: Services["networkBans"];
    readonly limits: LimitReadings;
    readonly directory: Pick<Directory & HintBus, "list" | "tell">;
    readonly redis: RedisPlace | null;
    readonly own: readonly OwnStore[];
    readonly timing: Pick<LockTiming, "evictMs">;
    readonly credentials: Credentials;
    readonly trail: Trail;
  },
): Promise<OpenedOperators> {
  const readers = redis === null ? null : await openRedisLockReaders(redis);
  const ofMemory = (world: string | null): LockReader | null => {
    const store = own.find((each) => each.world === world)?.store;
    return store instanceof MemoryLockStore ? store : null;
  };
  const readerOf = (world: string | null) => readers?.of(spaceOf(world)) ?? ofMemory(world);
  const lookup = createAccountLookup(database);
  const stored = createTrailStore(database);
  const view = createOperatorView({
    directory,
    lookup,
    trail: stored,
    networkBans,
    limits,
    readerOf,
    ownWorlds: own.flatMap(({ world }) => world ?? []),
    graceLeftMs: () => Math.max(...own.map(({ store }) => store.losses.graceLeftMs())),
    wallMs: host.wallMs,
    evictMs: timing.evictMs,
  });
  const census = new LockCensus(
    host,
    own.flatMap(({ world }) => readerOf(world) ?? []),
  );
  const useNonce = createNonceStore(database);
  const orderGiven = (): void => {
    directory.tell(ordersTopic, {}).catch((error: unknown) => {
      if (!(error instanceof Unavailable)) host.failed(error);
    });
  };
  return {
    serve: ({ login, world }) =>
      createAdminApp({
        services: {
          ...{ view, login, world, lookup, accounts, networkBans, orderGiven },
          trail: stored,
          limits,
          accountAdmin: createAccountAdmin(database),
          invitations: createInvitationStore(database),
          wallMs: host.wallMs,
          register: (...of) => credentials.authentication.register(...of),
          createCredential: (password) => credentials.hasher.createCredential(password),
        },
        ...{ credentials, useNonce, trail },
        wallMs: host.wallMs,
        log: host.log,
      }),
    async close() {
      census.stop();
      await readers?.close();
    },
  };
}
