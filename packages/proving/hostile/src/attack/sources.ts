/**
 * The addresses of an attack: its own ones in 127.0.0.0/8, so that counts by address hit attackers, and not
 * the bots, which come from 127.0.0.1. Only Linux allows all of these addresses.
 */
export class Sources {
  readonly #net: number;
  readonly #count: number;
  #next = 0;

  /** `net`: the second byte, different for each attack. */
  constructor(net: number, count: number) {
    this.#net = net;
    this.#count = count;
  }

  /** Returns one address after the other, and then starts again. */
  next(): { readonly localAddress?: string } {
    if (process.platform !== "linux") return {};
    const index = this.#next % this.#count;
    this.#next += 1;
    return { localAddress: `127.${this.#net}.0.${index + 1}` };
  }
}
