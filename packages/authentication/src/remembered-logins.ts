import { createHmac } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { Credential } from "./credential.ts";
import { canonicalName, normalisePassword } from "./name-rules.ts";

export interface RememberedLoginsOptions {
  /** Milliseconds; 0: nothing is remembered. */
  readonly rememberMs: number;
  readonly rememberedMax: number;
  /** 32 bytes that only this process has and that end with it. */
  readonly secret: Uint8Array;
  readonly nowMs: () => number;
}

/**
 * Remembers raw passwords that were correct a short while ago. A crowd that comes back at once then does not
 * cost one hash for each login. It keeps a keyed digest of name, password and stored key. The digest is
 * useless without the secret of this process, and it matches no changed credential. A password that is not
 * remembered costs a hash.
 */
export class RememberedLogins {
  readonly #options: RememberedLoginsOptions;
  /** The end of each memory, by digest. */
  readonly #untilMs: LRUCache<string, number>;

  constructor(options: RememberedLoginsOptions) {
    this.#options = options;
    this.#untilMs = new LRUCache({ max: Math.max(1, options.rememberedMax) });
  }

  get count(): number {
    return this.#untilMs.size;
  }

  remember(login: Login): void {
    const { rememberMs, rememberedMax, nowMs } = this.#options;
    if (rememberMs <= 0 || rememberedMax <= 0) return;
    this.#untilMs.set(this.#digest(login), nowMs() + rememberMs);
  }

  /** Does not prolong the memory, which counts from the last hash. */
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
