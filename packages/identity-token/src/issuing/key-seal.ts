import { CompactEncrypt, compactDecrypt, errors } from "jose";

/** How private keys are stored. */
export interface KeySeal {
  /** Takes and gives the private half of a key: 32 bytes in base64url. */
  seal(key: string): Promise<string>;
  /** Null: this seal did not close it. */
  open(stored: string): Promise<string | null>;
}

const keyForm = /^[\w-]{43}$/;

/** Stores them as they are. Everybody who reads the database can sign. */
export const plainKeys: KeySeal = {
  seal: async (key) => key,
  open: async (stored) => (keyForm.test(stored) ? stored : null),
};

/** RFC 7518: PBKDF2 makes a key of the password, and AES-256-GCM encrypts with it. */
const algorithms = { alg: "PBES2-HS512+A256KW", enc: "A256GCM" } as const;
/** As many as OWASP recommends for SHA-512. */
const iterations = 210_000;

/** Stores them encrypted under a password, as a JWE in compact form. */
export function keysUnder(password: string): KeySeal {
  const secret = new TextEncoder().encode(password);
  return {
    seal: (key) =>
      new CompactEncrypt(new TextEncoder().encode(key))
        .setProtectedHeader(algorithms)
        .setKeyManagementParameters({ p2c: iterations })
        .encrypt(secret),

    async open(stored) {
      try {
        const { plaintext } = await compactDecrypt(stored, secret, {
          keyManagementAlgorithms: [algorithms.alg],
          contentEncryptionAlgorithms: [algorithms.enc],
          maxPBES2Count: iterations,
        });
        const key = new TextDecoder().decode(plaintext);
        return keyForm.test(key) ? key : null;
      } catch (error) {
        if (error instanceof errors.JOSEError) return null;
        throw error;
      }
    },
  };
}
