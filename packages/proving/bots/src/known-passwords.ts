import type { Random } from "@sallyport/random";

/**
 * What the players of an account know of its password. They share their knowledge, and so does an operator
 * who sets one. A change without an answer leaves them in doubt: then they type one or the other.
 */
export class KnownPasswords {
  /** In the order in which they were asked for. */
  readonly #asked: string[];
  /** The newest that is known to be stored. */
  #sure: string;
  #changes = 0;

  constructor(first: string) {
    this.#asked = [first];
    this.#sure = first;
  }

  /** A new password that was never asked for before. Some clients have short fields. */
  next(): string {
    this.#changes += 1;
    const password = `${this.#asked[0]} ${this.#changes}`;
    this.#asked.push(password);
    return password;
  }

  isSure(password: string): boolean {
    return password === this.#sure;
  }

  stored(password: string): void {
    if (this.#asked.indexOf(password) > this.#asked.indexOf(this.#sure)) this.#sure = password;
  }

  refused(password: string): void {
    const at = this.#asked.indexOf(password);
    if (at >= 0) this.#asked.splice(at, 1);
  }

  /** Draws only if there is a doubt. */
  typed(random: Random): string {
    const open = this.#asked.slice(this.#asked.indexOf(this.#sure));
    return open.length > 1 ? random.pick(open) : this.#sure;
  }

  /** A password that was replaced. Null: the password was never changed. */
  replaced(random: Random): string | null {
    const before = this.#asked.slice(0, this.#asked.indexOf(this.#sure));
    return before.length > 0 ? random.pick(before) : null;
  }
}
