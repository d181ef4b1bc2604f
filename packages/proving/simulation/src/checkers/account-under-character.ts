import type { StoredLock } from "../facts.ts";
import type { LockTier } from "../simulated-stores.ts";
import type { Checker, FactOf, Rules } from "./checker.ts";

/**
 * Who has a character has its account: once the account lock of a login was given back, its client gets no further
 * with a character. A deadline may end the account lock, or the end of the char-server; then the fences hold.
 */
export class AccountUnderCharacter implements Checker {
  readonly name = "account-under-character";
  /** By world, then by account. */
  readonly #characters = new Map<LockTier, Map<string, StoredLock>>();
  readonly #asked = new Set<string>();
  readonly #givenBack = new Set<string>();
  /** Asked for before a loss; the account need not have been given back by then. */
  readonly #beforeLoss = new Set<string>();

  readonly rules: Rules = {
    said: ({ life, message }) => {
      const { type, accountId, loginId1 } = message;
      const asked = `${life.split("#")[0]}: ${accountId} ${loginId1}`;
      if (type === "account.release" && !this.#beforeLoss.has(asked)) this.#asked.add(asked);
      return null;
    },
    // It was done, or there was nothing to give back: the same login may get it again, and lose it otherwise.
    answered: ({ to, refusal, request: { type, accountId, loginId1 } }) => {
      if (type === "account.release" && refusal === null)
        this.#asked.delete(`${to.split("#")[0]}: ${accountId} ${loginId1}`);
      return null;
    },
    // One that came back older says nothing of who goes on; and whoever was not told yet that it has left puts back both.
    "locks-lost": ({ tier }) => {
      this.#characters.delete(tier);
      for (const asked of this.#asked) this.#beforeLoss.add(asked);
      this.#asked.clear();
      this.#givenBack.clear();
      return null;
    },
    "lock-changed": (changed) => {
      const [kind, accountId = ""] = changed.key.split(":");
      if (kind === "account") return this.#account(accountId, changed);
      return kind === "character" ? this.#character(accountId, changed) : null;
    },
  };

  #account(accountId: string, { before, after, storeMs, tiersMs }: FactOf<"lock-changed">): string | null {
    // Put back, by whoever was not told that it was given back.
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
      ? `account ${accountId} was given back, and its login goes on: ${JSON.stringify(character)}`
      : null;
  }
}
