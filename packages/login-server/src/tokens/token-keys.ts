import type { StoredTokenKey, TokenStore } from "@sallyport/database";
import { Unavailable } from "@sallyport/domain";
import { identityTokenMs, type JwkSet } from "@sallyport/identity-token";
import {
  type KeySeal,
  newKey,
  publicJwkOf,
  type SigningKey,
  signingKeyOf,
} from "@sallyport/identity-token/issuing";
import type { Host } from "@sallyport/server-kit";
import { Kept, type Reading } from "./kept.ts";
import { type KeyPlan, planKeys } from "./key-plan.ts";

export interface TokenKeysDeps {
  readonly store: Pick<TokenStore, "keys" | "addKey">;
  readonly seal: KeySeal;
  /** How long a key signs, in milliseconds. */
  readonly lifeMs: number;
}

/** A key that an operator deleted is used for this time at most. */
const planMs = 30_000;
/** Several servers may make keys at once that the others cannot open. */
const roundsMax = 5;

/**
 * The keys of the cluster, which all login-servers share. A key is made when it is needed, and its successor
 * before it ends. The number of a key decides which of several servers makes it.
 */
export class TokenKeys {
  readonly #host: Pick<Host, "clock" | "wallMs" | "log">;
  readonly #deps: TokenKeysDeps;
  readonly #stopTicking: () => void;
  /** By `kid`. Null: this server cannot open the key. */
  readonly #opened = new Map<string, SigningKey | null>();
  readonly #plan: Kept<KeyPlan>;

  constructor(host: Pick<Host, "clock" | "wallMs" | "log" | "failed">, deps: TokenKeysDeps) {
    this.#host = host;
    this.#deps = deps;
    this.#plan = new Kept({
      clock: host.clock,
      forMs: planMs,
      read: () => this.#read(),
      // Without Postgres the keys that were read last are good until they end.
      isUsable: ({ signsWith }) => (signsWith?.signsUntilMs ?? 0) > host.wallMs(),
    });
    const look = (): void =>
      void this.#plan.current().catch((error: unknown) => {
        if (!(error instanceof Unavailable)) host.failed(error);
      });
    this.#stopTicking = host.clock.every(planMs, look);
    look();
  }

  /** Returns the key that signs now. Throws `Unavailable`. */
  async signing(): Promise<SigningKey> {
    const { signsWith } = await this.#plan.current();
    const key = signsWith === null ? null : this.#opened.get(signsWith.kid);
    if (key == null) throw new Unavailable("there is no key for identity tokens", { store: "Postgres" });
    return key;
  }

  /** Returns the public halves of all keys of which a token may be valid. Throws `Unavailable`. */
  async published(): Promise<JwkSet> {
    const { published } = await this.#plan.current();
    return { keys: published.map(({ kid, publicKey: x }) => publicJwkOf({ kid, x })) };
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    this.#stopTicking();
    await this.#plan.settled();
  }

  async #read(): Promise<Reading<KeyPlan>> {
    const { clock, wallMs, log } = this.#host;
    const { store, lifeMs } = this.#deps;
    for (let round = 1; ; round += 1) {
      const readMs = clock.nowMs();
      const keys = await store.keys();
      for (const key of keys) await this.#open(key);
      const canSign = ({ kid }: StoredTokenKey): boolean => this.#opened.get(kid) != null;
      const plan = planKeys(keys, wallMs(), { lifeMs, canSign });
      if (plan.makes === null || round === roundsMax) return { value: plan, readMs };
      const made = await this.#make(plan.makes);
      await store.addKey(made);
      log.info({ keyNumber: made.number }, "offered a new key for identity tokens");
    }
  }

  async #open(key: StoredTokenKey): Promise<void> {
    const { kid, publicKey: x, privateKey, signsUntilMs } = key;
    if (privateKey === null || signsUntilMs <= this.#host.wallMs()) return void this.#opened.delete(kid);
    if (this.#opened.has(kid)) return;
    const d = await this.#deps.seal.open(privateKey);
    if (d === null)
      this.#host.log.warn(
        { keyNumber: key.number },
        "a key for identity tokens cannot be opened: it is stored under another TOKEN_KEYS_PASSWORD",
      );
    this.#opened.set(kid, d === null ? null : await signingKeyOf({ kid, x, d }));
  }

  async #make(number: number): Promise<StoredTokenKey> {
    const { kid, x, d } = await newKey();
    const madeMs = this.#host.wallMs();
    const signsUntilMs = madeMs + this.#deps.lifeMs;
    return {
      ...{ number, kid, publicKey: x, privateKey: await this.#deps.seal.seal(d) },
      ...{ madeMs, signsUntilMs, verifiesUntilMs: signsUntilMs + identityTokenMs.max },
    };
  }
}
