import type { SaltOffer } from "@sallyport/domain";
import { deriveLoginKeys, type LoginKeys } from "./credential.ts";

type DeriveKeys = (password: string, offer: SaltOffer) => Promise<LoginKeys>;

/**
 * Keeps login keys, so that only the first hashed login of an account runs the slow argon2id. Several clients
 * may share it. Holds passwords and keys in memory as long as it exists.
 */
export class Credentials {
  readonly #entriesMax: number;
  readonly #derive: DeriveKeys;
  readonly #keys = new Map<string, Promise<LoginKeys>>();

  /** `derive` can run elsewhere, for example in a worker. */
  constructor({
    entriesMax = 20_000,
    derive = deriveLoginKeys,
  }: { readonly entriesMax?: number; readonly derive?: DeriveKeys } = {}) {
    this.#entriesMax = entriesMax;
    this.#derive = derive;
  }

  /** Returns the keys for this password and salt. Derives them at the first call. */
  keys(password: string, offer: SaltOffer): Promise<LoginKeys> {
    const { salt, memoryKib, iterations, parallelism } = offer;
    const id = JSON.stringify([password, [...salt], memoryKib, iterations, parallelism]);
    const known = this.#keys.get(id);
    if (known !== undefined) return known;
    this.#makeRoom();
    const derived = this.#derive(password, offer);
    this.#keys.set(id, derived);
    derived.catch(() => this.#keys.delete(id));
    return derived;
  }

  /** Drops the oldest keys. A client that still needs them derives them again. */
  #makeRoom(): void {
    for (const oldest of this.#keys.keys()) {
      if (this.#keys.size < this.#entriesMax) return;
      this.#keys.delete(oldest);
    }
  }
}
