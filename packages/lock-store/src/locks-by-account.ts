import { AccountId } from "@sallyport/domain";
import { type LockCore, lockIdOf } from "@sallyport/lock-core";
import { KnownLocks } from "./known-locks.ts";
import { type Applied, LockService } from "./lock-service.ts";
import type { LockStore } from "./lock-store.ts";

/** Each account has one lock of this kind. After each change of a lock, the effects are carried out. */
export function locksByAccount<
  Lock extends object,
  Command,
  Assertion,
  Effect,
  Refusal extends string,
  Unasserted extends string,
  Why = void,
>(of: {
  readonly store: LockStore;
  readonly keyOf: (accountId: AccountId) => string;
  readonly core: LockCore<Lock, Command, Effect, Refusal>;
  /** By these rules, an owner restores a lock that the store lost. */
  readonly reassertion: LockCore<Lock, Assertion, Effect, Unasserted>;
  /** Carries out one effect of a change. `why` comes from the caller of the change. */
  readonly perform: (accountId: AccountId, effect: Effect, why: Why) => Promise<void> | void;
  /** This is called if a change may have been made, but its effects were not carried out. */
  readonly doubted?: ((accountId: AccountId) => void) | undefined;
}) {
  const known = new KnownLocks<Lock>();
  const locks = new LockService({ store: of.store, core: of.core, known });
  const lost = new LockService({ store: of.store, core: of.reassertion, known });

  async function performed<R extends string>(
    accountId: AccountId,
    applying: Promise<Applied<Lock, Effect, R>>,
    why: Why,
  ): Promise<Applied<Lock, Effect, R>> {
    const applied = await applying.catch((error) => {
      of.doubted?.(accountId);
      throw error;
    });
    if (applied.ok)
      await Promise.all(applied.effects.map(async (effect) => of.perform(accountId, effect, why)));
    return applied;
  }

  return {
    apply: (accountId: AccountId, command: Command, why: Why) =>
      performed(accountId, locks.apply(of.keyOf(accountId), command), why),
    /** Restores a lock that the store lost, or finds that a newer owner has it. */
    putBack: (accountId: AccountId, said: Assertion, why: Why) =>
      performed(accountId, lost.apply(of.keyOf(accountId), said), why),
    read: async (accountId: AccountId): Promise<Lock> => (await locks.read(of.keyOf(accountId))).lock,
  };
}

export const accountOfKey = (key: string): AccountId => AccountId(Number(lockIdOf(key)));

export async function* ownedPages(store: LockStore, owner: string): AsyncGenerator<readonly string[]> {
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<LockStore["ownedBy"]>> = await store.ownedBy(owner, cursor, pageSize);
    yield page.keys;
    cursor = page.next;
  } while (cursor !== null);
}

const pageSize = 500;
