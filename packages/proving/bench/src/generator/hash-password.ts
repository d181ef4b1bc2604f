import { randomBytes } from "node:crypto";
import argon2 from "argon2";

/** The login-server hashes new passwords with the same parameters and sizes. */
const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1, hashLength: 32 };
const saltBytes = 16;

export const hashPassword = (password: string): Promise<Buffer> =>
  argon2.hash(password, { ...parameters, raw: true, type: argon2.argon2id, salt: randomBytes(saltBytes) });
