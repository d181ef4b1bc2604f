import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/*
 * Proves that a caller of the admin port may drain a map-server. The port sends a challenge. The caller
 * returns it with an HMAC over the challenge and the name of the map-server. Both sides know the key of that
 * HMAC. A challenge is valid once and for a short time, so an eavesdropper on plain HTTP cannot repeat an
 * order.
 *
 *     challenge = expiresMs "." 16 random bytes "." HMAC-SHA-256(process's own key, all before the last ".")
 *     header    = "Proof " challenge " " HMAC-SHA-256(key, "sallyport-drain-2" 0x00 challenge 0x00 server)
 *
 * All bytes are written as hexadecimal digits. A challenge that is sent takes no memory. Only a challenge
 * that was proven is kept, until it expires.
 */

export interface DrainProofDeps {
  readonly nowMs: () => number;
  readonly randomBytes: (count: number) => Uint8Array;
}

/** A challenge is valid for this long. A caller needs it for only one round trip. */
export const challengeMs = 30_000;
const challengeHeader = "www-authenticate";
const scheme = "Proof";

export class DrainProofs {
  readonly #deps: DrainProofDeps;
  /** New in each process, so challenges of other or earlier processes are invalid here. */
  readonly #ownKey: Uint8Array;
  /** Proven challenges, and when they expire. */
  readonly #used = new Map<string, number>();

  constructor(deps: DrainProofDeps = { nowMs: () => performance.now(), randomBytes }) {
    this.#deps = deps;
    this.#ownKey = deps.randomBytes(32);
  }

  /** The headers of a response that asks for a proof. */
  challenge(): { readonly [header: string]: string } {
    const expiresMs = Math.ceil(this.#deps.nowMs()) + challengeMs;
    const head = `${expiresMs}.${hex(this.#deps.randomBytes(16))}`;
    return { [challengeHeader]: `${scheme} ${head}.${this.#marked(head)}` };
  }

  /**
   * Whether `shown` proves that the caller knows the key. A proof is valid for only one server and only once.
   */
  accept(shown: string | undefined, key: string, server: string): boolean {
    const [, challenge = "", proof = ""] = /^Proof (\S{1,200}) (\S{1,100})$/.exec(shown ?? "") ?? [];
    const nowMs = this.#deps.nowMs();
    for (const [used, until] of this.#used) if (until < nowMs) this.#used.delete(used);
    const [, head = "", expires = "", mark = ""] =
      /^((\d{1,15})\.[0-9a-f]{32})\.([0-9a-f]{64})$/.exec(challenge) ?? [];
    const expiresMs = Number(expires);
    if (!isSame(mark, this.#marked(head)) || expiresMs < nowMs || this.#used.has(challenge)) return false;
    if (!isSame(proof, drainProof(key, challenge, server))) return false;
    this.#used.set(challenge, expiresMs);
    return true;
  }

  #marked(head: string): string {
    return createHmac("sha256", this.#ownKey).update(head).digest("hex");
  }
}

/**
 * The `authorization` header that answers the challenge in a response. Returns null if the response has no
 * challenge.
 */
export function answerTo(headers: Headers, key: string, server: string): string | null {
  const [, challenge] = /^Proof (\S+)$/.exec(headers.get(challengeHeader) ?? "") ?? [];
  return challenge === undefined ? null : `${scheme} ${challenge} ${drainProof(key, challenge, server)}`;
}

const drainProof = (key: string, challenge: string, server: string): string =>
  createHmac("sha256", key).update(`sallyport-drain-2\0${challenge}\0${server}`).digest("hex");

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

function isSame(shown: string, meant: string): boolean {
  const [a, b] = [Buffer.from(shown), Buffer.from(meant)];
  return a.length === b.length && timingSafeEqual(a, b);
}
