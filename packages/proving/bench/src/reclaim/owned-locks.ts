import { AccountId } from "@sallyport/domain";
import { type AccountLock, accountLockCore, accountLockKey, defaultLockTiming } from "@sallyport/lock-core";
import { KnownLocks, LockService, type LockStore, MemoryLockStore, ownedPages } from "@sallyport/lock-store";
import { openRedisLockStore } from "@sallyport/lock-store/redis";
import { ActFailed } from "../generator/visit.ts";
import { pagesOf, type Reclaimed, type Reclaimer } from "./reclaimer.ts";

const server = "alpha";

/**
 * Reclaims account locks in a lock store, by the lock table. As in a server, a lock that was read is changed
 * without a second read.
 */
export class OwnedLocks implements Reclaimer {
  readonly #store: LockStore;
  readonly #locks;
  #life = 1;

  private constructor(store: LockStore) {
    this.#store = store;
    this.#locks = new LockService({
      store,
      core: accountLockCore(defaultLockTiming),
      known: new KnownLocks<AccountLock>(),
    });
  }

  static async plant(redisUrl: string | null, count: number): Promise<OwnedLocks> {
    const store =
      redisUrl === null
        ? new MemoryLockStore({ nowMs: () => Math.floor(performance.now()) })
        : await openRedisLockStore({ url: redisUrl, space: "login" });
    const planted = new OwnedLocks(store);
    for (const ids of pagesOf(count)) await Promise.all(ids.map((id) => planted.#hold(id)));
    return planted;
  }

  async reclaim(reclaimed: Reclaimed): Promise<void> {
    const before = this.#incarnation;
    this.#life += 1;
    const owner = { server, incarnation: this.#incarnation, earlier: [before] };
    let startedMs = performance.now();
    for await (const keys of ownedPages(this.#store, before)) {
      const held = await Promise.all(keys.map((key) => this.#locks.read(key)));
      await Promise.all(
        held.map(async ({ lock }, nth) => {
          if (lock.state !== "held") throw new ActFailed(`reclaim: ${lock.state}`);
          const { loginId1, loginId2, sex } = lock;
          const ids = { loginId1, loginId2, sex };
          const applied = await this.#locks.apply(keys[nth] ?? "", { type: "reclaim", owner, ...ids });
          if (!applied.ok) throw new ActFailed(`reclaim: ${applied.refusal}`);
        }),
      );
      const nowMs = performance.now();
      reclaimed(keys.length, nowMs - startedMs);
      startedMs = nowMs;
    }
  }

  close(): void {
    void this.#store.close();
  }

  get #incarnation(): string {
    return `life-${this.#life}`;
  }

  async #hold(id: number): Promise<void> {
    const key = accountLockKey(AccountId(id));
    const ids = { loginId1: id, loginId2: id, sex: "female" } as const;
    const owner = { server, incarnation: this.#incarnation, earlier: [] };
    await this.#locks.apply(key, { type: "grant", fence: 1, trace: "0123456789abcdef", ...ids });
    const held = await this.#locks.apply(key, { type: "hold", owner, ...ids });
    if (!held.ok) throw new Error(`${key} could not be held: ${held.refusal}`);
  }
}
