import { createPasswordHasher, type PasswordHasher } from "@sallyport/authentication";
import type { Database } from "@sallyport/database";
import type { LockStore } from "@sallyport/lock-store";
import { type Metrics } from "@sallyport/server-kit";

/** Wraps the stores and the password hasher in order to measure their operations. */

export function measuredDatabase(database: Database, metrics: Metrics): Database {
  return {
    ...database,
    query: (statement, values) =>
      timed(metrics, "database", statement.name, () => database.query(statement, values)),
  };
}

export function measuredLockStore(store: LockStore, metrics: Metrics): LockStore {
  const locks = <T>(operation: string, run: () => Promise<T>): Promise<T> =>
    timed(metrics, "locks", operation, run);
  return {
    losses: store.losses,
    generationOf: (key) => store.generationOf(key),
    load: (key) => locks("load", () => store.load(key)),
    compareAndSet: (change) => locks("compare-and-set", () => store.compareAndSet(change)),
    due: (limit) => locks("due", () => store.due(limit)),
    ownedBy: (owner, cursor, limit) => locks("owned-by", () => store.ownedBy(owner, cursor, limit)),
    close: () => store.close(),
  };
}

async function timed<T>(
  metrics: Metrics,
  store: string,
  operation: string,
  run: () => Promise<T>,
): Promise<T> {
  const startedMs = performance.now();
  try {
    return await run();
  } catch (error) {
    metrics.count("storeErrors", { store, operation });
    throw error;
  } finally {
    metrics.observe("storeSeconds", { store, operation }, (performance.now() - startedMs) / 1_000);
  }
}

export function measuredHasher(
  { queueMax, queuePerAddressMax }: { readonly queueMax: number; readonly queuePerAddressMax: number },
  metrics: Metrics,
): PasswordHasher {
  const hasher = createPasswordHasher({
    ...{ queueMax, queuePerAddressMax },
    observer: {
      hashed: ({ waitedMs, ms }) => {
        metrics.observe("passwordWaitSeconds", {}, waitedMs / 1_000);
        metrics.observe("passwordHashSeconds", {}, ms / 1_000);
      },
      refused: () => metrics.count("passwordsRefused", {}),
    },
  });
  metrics.watch("passwordsWaiting", {}, () => hasher.load.waiting);
  metrics.watch("passwordsHashing", {}, () => hasher.load.running);
  return hasher;
}
