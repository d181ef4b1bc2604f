/**
 * Where an attack comes from: so many addresses of its own in 127.0.0.0/8, so that what is counted by address falls on
 * attackers and not on bots, who come from 127.0.0.1. Only Linux lets all of them be used.
 */
export class Sources {
  readonly #net: number;
  readonly #count: number;
  #next = 0;

  /** `net`: the second byte, unlike any other attack's. */
  constructor(net: number, count: number) {
    this.#net = net;
    this.#count = count;
  }

  /** One after the other, and round again. */
  next(): { readonly localAddress?: string } {
    if (process.platform !== "linux") return {};
    const index = this.#next % this.#count;
    this.#next += 1;
    return { localAddress: `127.${this.#net}.0.${index + 1}` };
  }
}
