import type { AccountId } from "@sallyport/domain";

/**
 * Logins that wait for the same account: the newest has the turn, and whoever had it before is overtaken. So however
 * many come, one waits, and the owner is asked to leave on behalf of one.
 */
export class Turns {
  readonly #current = new Map<AccountId, Turn>();

  take(accountId: AccountId): Turn {
    this.#current.get(accountId)?.overtake();
    const turn: Turn = new Turn(() => {
      if (this.#current.get(accountId) === turn) this.#current.delete(accountId);
    });
    this.#current.set(accountId, turn);
    return turn;
  }

  /** Something happened to the account's lock: whoever waits for it should look again. */
  wake(accountId: AccountId): void {
    this.#current.get(accountId)?.wake();
  }
}

export class Turn {
  readonly #ended: () => void;
  #isOvertaken = false;
  #wake: () => void = () => {};

  constructor(ended: () => void) {
    this.#ended = ended;
  }

  get isOvertaken(): boolean {
    return this.#isOvertaken;
  }

  overtake(): void {
    this.#isOvertaken = true;
    this.#wake();
  }

  wake(): void {
    this.#wake();
  }

  /** Until woken, or `timer` resolves. */
  async pause(timer: Promise<void>): Promise<void> {
    if (this.#isOvertaken) return;
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    await Promise.race([woken, timer]);
  }

  end(): void {
    this.#ended();
  }
}
