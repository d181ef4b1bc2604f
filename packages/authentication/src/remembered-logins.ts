import { createHmac } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { Credential } from "./credential.ts";
import { canonicalName, normalisePassword } from "./name-rules.ts";

export interface RememberedLoginsOptions {
  /** 0: nothing is remembered. */
  readonly rememberMs: number;
  readonly rememberedMax: number;
  /** 32 random bytes that only this process knows and never stores. */
  readonly secret: Uint8Array;
  readonly nowMs: () => number;
}

/**
 * Remembers raw passwords that were correct a short while ago. So when a crowd comes back at once, not every
 * login costs a hash. This class keeps a digest of name, password and stored key, and the secret of this
 * process is the key of the digest. Without the secret, the digest is useless. After a change of the
 * credential, the digest no longer matches.
 */
export class RememberedLogins {
  readonly #options: RememberedLoginsOptions;
  /** The time at which each login is forgotten. The key is the digest of the login. */
  readonly #untilMs: LRUCache<string, number>;

  constructor(options: RememberedLoginsOptions) {
    this.#options = options;
    // `max` would take the memory of all of them at once.
    const maxSize = Math.max(1, options.rememberedMax);
    this.#untilMs = new LRUCache({ maxSize, sizeCalculation: () => 1 });
  }

  get count(): number {
    return this.#untilMs.size;
  }

  remember(login: Login): void {
    const { rememberMs, rememberedMax, nowMs } = this.#options;
    if (rememberMs <= 0 || rememberedMax <= 0) return;
    this.#untilMs.set(this.#digest(login), nowMs() + rememberMs);
  }

  /** Does not prolong the time for which the login is remembered. That time runs from the last hash. */
  has(login: Login): boolean {
    const digest = this.#digest(login);
    const untilMs = this.#untilMs.get(digest);
    if (untilMs === undefined) return false;
    if (this.#options.nowMs() < untilMs) return true;
    this.#untilMs.delete(digest);
    return false;
  }

  #digest({ name, password, credential }: Login): string {
    return createHmac("sha256", this.#options.secret)
      .update(credential.storedKey)
      .update(`${canonicalName(name)}\0${normalisePassword(password)}`)
      .digest("base64");
  }
}

export interface Login {
  readonly name: string;
  readonly password: string;
  readonly credential: Credential;
}
