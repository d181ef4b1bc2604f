import type { Clock } from "@sallyport/clock";
import { readKeys, type VerificationKeys } from "./keys.ts";
import {
  isListAhead,
  isListFresh,
  listAheadMs,
  type RevocationList,
  verifyRevocations,
} from "./revocations.ts";
import { type IdentityAnswer, verifyIdentity } from "./verify-identity.ts";

export const jwksPath = "/.well-known/jwks.json";
export const revocationsPath = "/revocations";

export interface TokenFeedOptions {
  /** Where login-servers show keys and revocations, like `http://login:8087`. */
  readonly url: string;
  readonly clock: Clock;
  /** The time of day, in milliseconds since 1970. */
  readonly wallMs: () => number;
  readonly everyMs?: number;
  /** The `fetch` of the platform, unless a test has another one. */
  readonly fetch?: typeof globalThis.fetch;
  readonly observer?: TokenFeedObserver;
}

export interface TokenFeedObserver {
  /** Called when what was asked for could not be had. The feed asks again by itself. */
  failed(of: { readonly path: string; readonly why: string }): void;
}

/** So a revocation is known everywhere within half a minute, and one lost answer does not make the list old. */
const feedEveryMs = 20_000;
/** After a token with an unknown key, the keys are fetched at once, but not more often than this. */
const unknownKeyMs = 5_000;
const answerMs = 5_000;
const bytesMax = 8 << 20;

/**
 * Keeps the public keys and the newest revocation list of the login-servers. While no login-server answers, it
 * goes on with what it has. Then `isFresh` tells that the list is too old.
 */
export class TokenFeed {
  readonly #options: TokenFeedOptions;
  readonly #stopTicking: () => void;
  /** The request that waits for its answer. */
  #asked = new AbortController();
  #isStopped = false;
  #keys: VerificationKeys | null = null;
  #revoked: RevocationList | null = null;
  #looking: Promise<void> | null = null;
  #lookedMs = Number.NEGATIVE_INFINITY;

  constructor(options: TokenFeedOptions) {
    this.#options = options;
    this.#stopTicking = options.clock.every(options.everyMs ?? feedEveryMs, () => void this.look());
  }

  /** Fetches keys and list now. Resolves when that is done or has failed. */
  look(): Promise<void> {
    this.#looking ??= this.#lookOnce().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  /** Null until keys were fetched. */
  get keys(): VerificationKeys | null {
    return this.#keys;
  }

  /** The newest list that one of the keys signed. Null until there was one. */
  get revoked(): RevocationList | null {
    return this.#revoked;
  }

  /** Whether the list is younger than two minutes. */
  isFresh(nowMs: number = this.#options.wallMs()): boolean {
    return isListFresh(this.#revoked, nowMs);
  }

  /** As `verifyIdentity`. Without keys, no key is known. */
  async verify(token: string, audience: string): Promise<IdentityAnswer> {
    // This look may bring the key, also when it ends before the token is checked.
    const looking = this.#looking;
    const answer = await this.#verifyNow(token, audience);
    if (answer.type === "identity" || answer.why !== "unknown-key") return answer;
    const isRecent = this.#options.clock.nowMs() - this.#lookedMs < unknownKeyMs;
    const underWay = looking ?? this.#looking;
    if (isRecent && underWay === null) return answer;
    await (underWay ?? this.look());
    return this.#verifyNow(token, audience);
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    this.#stopTicking();
    this.#isStopped = true;
    this.#asked.abort();
    await this.#looking;
  }

  async #verifyNow(token: string, audience: string): Promise<IdentityAnswer> {
    const [keys, revoked] = [this.#keys, this.#revoked];
    if (keys === null) return { type: "refused", why: "unknown-key" };
    return verifyIdentity(token, { audience, keys, revoked, nowMs: this.#options.wallMs() });
  }

  async #lookOnce(): Promise<void> {
    this.#lookedMs = this.#options.clock.nowMs();
    const keys = await this.#fetched(jwksPath, async (text) => readKeys(JSON.parse(text)));
    if (keys !== null) this.#keys = keys;
    const known = this.#keys;
    if (known === null) return;
    const list = await this.#fetched(revocationsPath, (text) => verifyRevocations(text.trim(), known));
    if (list !== null) this.#take(list);
  }

  #take(list: RevocationList): void {
    const [kept, nowMs] = [this.#revoked, this.#options.wallMs()];
    if (isListAhead(list, nowMs)) {
      const why = `the list is dated more than ${listAheadMs / 1_000} seconds ahead of this machine's clock`;
      this.#options.observer?.failed({ path: revocationsPath, why });
      return;
    }
    // Somebody on the path may send an old list again. If the clock was set back, the kept list can be ahead.
    // Then it does not tell which list is newer.
    if (kept === null || isListAhead(kept, nowMs) || list.at >= kept.at) this.#revoked = list;
  }

  async #fetched<T>(path: string, read: (text: string) => Promise<T | null>): Promise<T | null> {
    const { url, observer } = this.#options;
    try {
      const found = await read(await this.#textAt(`${url.replace(/\/+$/, "")}${path}`));
      if (found === null) observer?.failed({ path, why: "the answer is not signed or not well-formed" });
      return found;
    } catch (error) {
      if (!this.#isStopped) observer?.failed({ path, why: describe(error) });
      return null;
    }
  }

  /** Throws if there is no right answer of a bounded length in time. */
  async #textAt(url: string): Promise<string> {
    const asked = new AbortController();
    this.#asked = asked;
    if (this.#isStopped) asked.abort();
    // Node 20 may collect a signal of `AbortSignal.any` as garbage, and then it never comes.
    const cancel = this.#options.clock.after(answerMs, () => {
      asked.abort(new Error(`there is no whole answer within ${answerMs / 1_000} seconds`));
    });
    try {
      const { signal } = asked;
      return await textOf(await (this.#options.fetch ?? fetch)(url, { signal, redirect: "error" }));
    } finally {
      cancel();
    }
  }
}

/** Throws if the status of the answer is no success, or the text is too long. */
async function textOf({ ok, status, body }: Response): Promise<string> {
  if (!ok) throw new Error(`the answer has the status ${status}`);
  const text = new TextDecoder();
  let [read, bytes] = ["", 0];
  // An error in the loop ends the answer.
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw new Error(`the answer is longer than ${bytesMax} bytes`);
    read += text.decode(chunk, { stream: true });
  }
  return read + text.decode();
}

function describe(error: unknown): string {
  const { message, cause } = error instanceof Error ? error : { message: String(error), cause: undefined };
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}
