import { createHash, createHmac } from "node:crypto";
import {
  type Credential,
  credentialOf,
  matchesCredential,
  normalisePassword,
  type PasswordHasher,
  saltBytes,
} from "@sallyport/authentication";
import { accepted, type SaltOffer } from "@sallyport/domain";
import { Credentials, type LoginKeys } from "@sallyport/sdk";

/** Clients and servers use one SHA-256 and not argon2id, because simulated passwords protect nothing. */

/** Clients accept these argon2id parameters as honest. Nobody runs argon2id with them. */
const parameters = { memoryKib: 8_192, iterations: 1, parallelism: 1 };

const sha256 = (...parts: readonly (Uint8Array | string)[]): Buffer => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
};

const salted = (password: string, salt: Uint8Array): Buffer => sha256(salt, normalisePassword(password));

export const cheapHasher = (randomBytes: (count: number) => Uint8Array): PasswordHasher => ({
  parameters,
  load: { running: 0, waiting: 0 },
  hash: async ({ password, salt }) => accepted(salted(password, salt)),
  createCredential: async (password) => {
    const salt = randomBytes(saltBytes);
    return accepted(credentialOf(salted(password, salt), salt, parameters));
  },
});

export const isPasswordOf = (credential: Credential, password: string): boolean =>
  matchesCredential(credential, salted(password, credential.salt));

export class CheapCredentials extends Credentials {
  override async keys(password: string, { salt }: SaltOffer): Promise<LoginKeys> {
    const of = credentialOf(salted(password, salt), salt, parameters);
    return {
      clientKey: hmac(salted(password, salt), "Client Key"),
      storedKey: of.storedKey,
      serverKey: of.serverKey,
    };
  }
}

const hmac = (key: Uint8Array, message: string): Buffer => createHmac("sha256", key).update(message).digest();
