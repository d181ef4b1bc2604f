import { createHash, createHmac, randomBytes } from "node:crypto";
import argon2 from "argon2";

/**
 * The client's part of a hashed login, as docs/user-authentication.md describes it. It shares no code with
 * the servers. It costs less than the code of the SDK, which also has to run in browsers.
 */

interface Offer {
  readonly salt: Uint8Array;
  readonly memoryKib: number;
  readonly iterations: number;
  readonly parallelism: number;
  readonly nonce: Uint8Array;
}

interface Keys {
  readonly client: Buffer;
  readonly stored: Buffer;
}

/**
 * The key is a password with its salt. All accounts of the bench share one salt. So the slow hash is computed
 * only once.
 */
const known = new Map<string, Promise<Keys>>();

export function loginKeys(password: string, offer: Offer): Promise<Keys> {
  const key = `${Buffer.from(offer.salt).toString("hex")} ${password}`;
  const keys = known.get(key) ?? derive(password, offer);
  known.set(key, keys);
  return keys;
}

async function derive(password: string, offer: Offer): Promise<Keys> {
  const { salt, memoryKib: memoryCost, iterations: timeCost, parallelism } = offer;
  const salted = await argon2.hash(password, {
    ...{ raw: true, type: argon2.argon2id, hashLength: 32 },
    ...{ salt: Buffer.from(salt), memoryCost, timeCost, parallelism },
  });
  const client = createHmac("sha256", salted).update("Client Key").digest();
  return { client, stored: createHash("sha256").update(client).digest() };
}

export function prove(
  { client, stored }: Keys,
  name: string,
  { nonce, salt }: Pick<Offer, "nonce" | "salt">,
): { readonly proof: Uint8Array; readonly clientNonce: Uint8Array } {
  const clientNonce = randomBytes(32);
  const signature = createHmac("sha256", stored)
    .update("sallyport-scram-2\0")
    .update(`${name.toLowerCase()}\0`)
    .update(nonce)
    .update(clientNonce)
    .update(salt)
    .digest();
  return { proof: client.map((byte, index) => byte ^ (signature[index] ?? 0)), clientNonce };
}
