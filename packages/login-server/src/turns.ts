import type { Clock } from "@sallyport/clock";
import type { AccountId, Fence } from "@sallyport/domain";

/**
 * Logins that wait for the same account. The login with the newest fence has the turn, and every other login
 * is overtaken. So only one login waits for an account, and the owner is asked to leave only for that login.
 */
export class Turns {
  readonly #current = new Map<AccountId, Turn>();

  take(accountId: AccountId, fence: Fence): Turn {
    const before = this.#current.get(accountId);
    const turn: Turn = new Turn(fence, () => {
      if (this.#current.get(accountId) === turn) this.#current.delete(accountId);
    });
    if (before !== undefined && before.fence > fence) turn.overtake();
    else {
      before?.overtake();
      this.#current.set(accountId, turn);
    }
    return turn;
  }

  /** Returns true if a login waits. A waiting login has already asked the owner to leave. */
  has(accountId: AccountId): boolean {
    return this.#current.has(accountId);
  }

  /** Call this when the lock may have become free. The waiting login then reads the lock again. */
  wake(accountId: AccountId): void {
    this.#current.get(accountId)?.wake();
  }
}

export class Turn {
  readonly fence: Fence;
  readonly #ended: () => void;
  #isOvertaken = false;
  #wake: () => void = () => {};

  constructor(fence: Fence, ended: () => void) {
    this.fence = fence;
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

  /** Waits until `wake` is called, but at most `ms` milliseconds. */
  async pause(clock: Clock, ms: number): Promise<void> {
    if (this.#isOvertaken) return;
    await new Promise<void>((resolve) => {
      const stopTimer = clock.after(ms, resolve);
      this.#wake = () => {
        stopTimer();
        resolve();
      };
    });
  }

  end(): void {
    this.#ended();
  }
}
