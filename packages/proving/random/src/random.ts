import { createHash } from "node:crypto";
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";

/**
 * A stream of random numbers. Streams with the same name give the same numbers. Each client and each planned
 * failure draws from its own stream. If one of them is left out of a run, the others still get the same
 * numbers.
 */
export class Random {
  readonly #name: string;
  readonly #generator: ReturnType<typeof xoroshiro128plusFromState>;

  constructor(name: string) {
    this.#name = name;
    const digest = createHash("sha256").update(name).digest();
    this.#generator = xoroshiro128plusFromState([0, 4, 8, 12].map((at) => digest.readInt32LE(at)));
  }

  /** Returns an independent stream. Earlier draws from this stream do not affect the new one. */
  fork(name: string): Random {
    return new Random(`${this.#name}/${name}`);
  }

  /** Returns a number of at least 0 and below 1. */
  next(): number {
    return uniformFloat64(this.#generator);
  }

  /** Returns a whole number of at least 0 and below `count`. */
  below(count: number): number {
    return this.whole(0, count - 1);
  }

  /** Returns a whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number {
    return uniformInt(this.#generator, least, most);
  }

  between(least: number, most: number): number {
    return least + this.next() * (most - least);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(all: readonly T[]): T {
    const picked = all[this.below(all.length)];
    if (picked === undefined) throw new Error("nothing to pick from");
    return picked;
  }

  /** Picks a name with a probability proportional to its weight. */
  weighted<Name extends string>(weights: { readonly [N in Name]: number }): Name {
    const entries = Object.entries<number>(weights);
    let left = this.next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [name, weight] of entries) {
      left -= weight;
      if (left < 0) return name as Name;
    }
    throw new Error("no weights");
  }

  bytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.#generator.next() & 0xff);
  }
}
