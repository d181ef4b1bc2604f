import { accountLockKey, characterLockKey, lockIdOf } from "@sallyport/lock-core";
import {
  type Changed,
  type LockStore,
  MemoryLockState,
  MemoryLockStore,
  readLock,
} from "@sallyport/lock-store";

interface SeenLock {
  readonly state: string;
  readonly loginId1: number;
  readonly accountFence?: number;
  readonly fence?: number;
  readonly charId?: number;
}

/**
 * Checks the locks of both tiers after every change: the owner of a character's lock must also have the lock
 * of its account, for the same login. This class shares no code with the servers' decisions.
 */
export class LockWatch {
  readonly broken: string[] = [];
  readonly stores: { readonly login: LockStore; readonly world: LockStore };
  readonly #login = new MemoryLockState();
  readonly #world = new MemoryLockState();

  constructor() {
    const nowMs = (): number => performance.now();
    this.stores = {
      login: this.#watched(new MemoryLockStore({ nowMs, state: this.#login })),
      world: this.#watched(new MemoryLockStore({ nowMs, state: this.#world })),
    };
  }

  of(accountId: number): { readonly account: SeenLock | null; readonly character: SeenLock | null } {
    return {
      account: read(this.#login, accountLockKey(accountId)),
      character: read(this.#world, characterLockKey(accountId)),
    };
  }

  #watched(store: LockStore): LockStore {
    return {
      losses: store.losses,
      generationOf: (key) => store.generationOf(key),
      load: (key) => store.load(key),
      due: (limit) => store.due(limit),
      ownedBy: (...page) => store.ownedBy(...page),
      close: () => store.close(),
      compareAndSet: async (change): Promise<Changed> => {
        const changed = await store.compareAndSet(change);
        this.#look(Number(lockIdOf(change.key)), `${change.key} became ${change.value ?? "free"}`);
        return changed;
      },
    };
  }

  #look(accountId: number, after: string): void {
    const { account, character } = this.of(accountId);
    if (character === null) return;
    const isOwned = account !== null && account.state !== "granted";
    if (isOwned && account.loginId1 === character.loginId1 && account.fence === character.accountFence)
      return;
    this.broken.push(
      `after ${after}: ${JSON.stringify(character)} without its account: ${JSON.stringify(account)}`,
    );
  }
}

function read(state: MemoryLockState, key: string): SeenLock | null {
  const entry = state.locks.get(key);
  return entry === undefined ? null : readLock<SeenLock>(key, entry.value);
}
