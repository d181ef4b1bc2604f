import { createHmac } from "node:crypto";
import { type Credential, canonicalName, normalisePassword } from "@sallyport/database";

export interface RememberedLoginsOptions {
  /** 0: nothing is remembered. */
  readonly rememberMs: number;
  readonly rememberedMax: number;
  /** 32 bytes that nobody else has and that end with the process. */
  readonly secret: Uint8Array;
  readonly nowMs: () => number;
}

/**
 * Raw passwords that were right a short while ago, so that everybody coming back at once does not cost a hash each.
 * What is kept is a keyed digest of name, password and stored key: without the secret of this process it says
 * nothing, and once the credential has changed it fits no more. A password that is not remembered costs a hash.
 */
export class RememberedLogins {
  readonly #options: RememberedLoginsOptions;
  /** Until when, by digest; the least recently used first. */
  readonly #untilMs = new Map<string, number>();

  constructor(options: RememberedLoginsOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#untilMs.size;
  }

  remember(login: Login): void {
    const { rememberMs, rememberedMax, nowMs } = this.#options;
    if (rememberMs <= 0 || rememberedMax <= 0) return;
    const digest = this.#digest(login);
    this.#untilMs.delete(digest);
    this.#untilMs.set(digest, nowMs() + rememberMs);
    if (this.#untilMs.size > rememberedMax) this.#forgetOldest();
  }

  /** How long it is remembered counts from the last hash: not prolonged by this. */
  has(login: Login): boolean {
    const digest = this.#digest(login);
    const untilMs = this.#untilMs.get(digest);
    if (untilMs === undefined) return false;
    this.#untilMs.delete(digest);
    if (this.#options.nowMs() >= untilMs) return false;
    this.#untilMs.set(digest, untilMs);
    return true;
  }

  #forgetOldest(): void {
    const [oldest] = this.#untilMs.keys();
    if (oldest !== undefined) this.#untilMs.delete(oldest);
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
