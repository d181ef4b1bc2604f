import { lockIdOf, lockKindOf } from "@sallyport/lock-core";
import type { StoredLock } from "../facts.ts";
import type { LockTier } from "../topology.ts";
import type { Checker, FactOf, Rules } from "./checker.ts";

/**
 * The owner of a character's lock also owns the lock of the character's account. After the account lock of a
 * login was released, the client of that login gets no character. If the account lock became free by a
 * deadline or by the end of the char-server, only fences protect the character.
 */
export class AccountUnderCharacter implements Checker {
  readonly name = "account-under-character";
  /** Character locks, keyed by world, then by account. */
  readonly #characters = new Map<LockTier, Map<string, StoredLock>>();
  readonly #asked = new Set<string>();
  readonly #givenBack = new Set<string>();
  /**
   * Requests for release that a server sent before a loss of locks. The accounts of these requests may still
   * be locked.
   */
  readonly #beforeLoss = new Set<string>();

  readonly rules: Rules = {
    said: ({ life, message }) => {
      const { type, accountId, loginId1 } = message;
      const asked = `${life.split("#")[0]}: ${accountId} ${loginId1}`;
      if (type === "account.release" && !this.#beforeLoss.has(asked)) this.#asked.add(asked);
      return null;
    },
    // After this answer, the login has no account lock. The login may get the lock again and then lose it
    // without a request.
    answered: ({ to, refusal, request: { type, accountId, loginId1 } }) => {
      if (type === "account.release" && refusal === null)
        this.#asked.delete(`${to.split("#")[0]}: ${accountId} ${loginId1}`);
      return null;
    },
    // An older state of the store does not show which login is the newer one. An owner that does not yet know
    // of its release restores both locks.
    "locks-lost": ({ tier }) => {
      this.#characters.delete(tier);
      for (const asked of this.#asked) this.#beforeLoss.add(asked);
      this.#asked.clear();
      this.#givenBack.clear();
      return null;
    },
    "lock-changed": (changed) => {
      const [kind, accountId] = [lockKindOf(changed.key), lockIdOf(changed.key)];
      if (kind === "account") return this.#account(accountId, changed);
      return kind === "character" ? this.#character(accountId, changed) : null;
    },
  };

  #account(accountId: string, { before, after, storeMs, tiersMs }: FactOf<"lock-changed">): string | null {
    // An owner that did not know of the release restored the lock.
    if (after?.owner !== undefined) this.#givenBack.delete(`${accountId} ${after.loginId1}`);
    if (before?.owner === undefined || after?.owner !== undefined) return null;
    const hasRunOut = before.deadlineMs !== undefined && storeMs >= before.deadlineMs;
    const login = `${accountId} ${before.loginId1}`;
    if (hasRunOut || !this.#asked.has(`${before.owner.server}: ${login}`)) return null;
    this.#givenBack.add(login);
    for (const [world, characters] of this.#characters) {
      const character = characters.get(accountId);
      const worldMs = tiersMs[world];
      const isOver = character?.deadlineMs !== undefined && worldMs >= character.deadlineMs;
      const wrong = character === undefined || isOver ? null : this.#judge(accountId, character);
      if (wrong !== null) return wrong;
    }
    return null;
  }

  #character(accountId: string, { tier, after }: FactOf<"lock-changed">): string | null {
    const characters = this.#characters.get(tier) ?? new Map<string, StoredLock>();
    this.#characters.set(tier, characters);
    if (after === null) {
      characters.delete(accountId);
      return null;
    }
    characters.set(accountId, after);
    return this.#judge(accountId, after);
  }

  #judge(accountId: string, character: StoredLock): string | null {
    if (!/^(handing-over|entering|playing|hopping)$/.test(character.state)) return null;
    return this.#givenBack.has(`${accountId} ${character.loginId1}`)
      ? `account ${accountId} was released, but its login goes on: ${JSON.stringify(character)}`
      : null;
  }
}
