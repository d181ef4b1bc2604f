import { randomBytes } from "node:crypto";
import { availableParallelism } from "node:os";
import { accepted, type Outcome, refused } from "@sallyport/domain";
import argon2 from "argon2";
import {
  type Credential,
  credentialOf,
  defaultHashParameters,
  type HashParameters,
  saltBytes,
  saltedPasswordBytes,
} from "./credential.ts";
import { normalisePassword } from "./name-rules.ts";

export interface PasswordHasherOptions {
  /** Of new credentials; those stored with others are hashed with their own. */
  readonly parameters?: HashParameters;
  /** Hashes under way at once. More than there are cores brings nothing but memory. */
  readonly concurrency?: number;
  /** Hashes that may wait behind those; past it the answer is `busy`. */
  readonly queueMax?: number;
}

export interface HashRequest {
  readonly password: string;
  readonly salt: Uint8Array;
  readonly parameters?: HashParameters;
  /** Aborted when nobody waits for the answer any more: a hash that has not begun is then not made. */
  readonly signal?: AbortSignal;
}

export interface PasswordHasher {
  readonly parameters: HashParameters;
  readonly load: { readonly running: number; readonly waiting: number };
  /** The salted password, 32 bytes. */
  hash(request: HashRequest): Promise<Outcome<Uint8Array, "busy">>;
  /** A credential with a new salt and the current parameters. */
  createCredential(password: string, signal?: AbortSignal): Promise<Outcome<Credential, "busy">>;
}

/** Before the first hash has been timed. */
const hashMsAssumed = 50;

/** Threads that libuv runs argon2 on; file reads and name lookups wait for the same ones. */
const poolThreads = Number(process.env["UV_THREADPOOL_SIZE"]) || 4;

/** argon2id off the event loop, so many at a time, with a bounded queue that is served in order. */
export function createPasswordHasher({
  parameters = defaultHashParameters,
  concurrency = Math.max(1, Math.min(availableParallelism(), poolThreads - 1)),
  queueMax = 200,
}: PasswordHasherOptions = {}): PasswordHasher {
  const waiting: (() => void)[] = [];
  let running = 0;
  let hashMs = hashMsAssumed;

  const waitMs = (): number => Math.ceil(((waiting.length + running) / concurrency) * hashMs);

  /** A slot goes to whoever waits longest, without being free in between. */
  const passOn = (): void => {
    const waiter = waiting.shift();
    if (waiter === undefined) running -= 1;
    else waiter();
  };

  async function hash(request: HashRequest): Promise<Outcome<Uint8Array, "busy">> {
    if (running < concurrency) {
      running += 1;
    } else {
      if (waiting.length >= queueMax) return refused("busy", waitMs());
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
    try {
      if (request.signal?.aborted) return refused("busy");
      const startedAt = performance.now();
      const salted = await saltPassword(request.password, request.salt, request.parameters ?? parameters);
      hashMs += (performance.now() - startedAt - hashMs) / 8;
      return accepted(salted);
    } finally {
      passOn();
    }
  }

  return {
    parameters,
    get load() {
      return { running, waiting: waiting.length };
    },
    hash,
    createCredential: async (password, signal) => {
      const salt = randomBytes(saltBytes);
      const salted = await hash({ password, salt, ...(signal && { signal }) });
      return salted.ok ? accepted(credentialOf(salted.value, salt, parameters)) : salted;
    },
  };
}

function saltPassword(password: string, salt: Uint8Array, parameters: HashParameters): Promise<Uint8Array> {
  return argon2.hash(normalisePassword(password), {
    raw: true,
    type: argon2.argon2id,
    salt: Buffer.from(salt),
    hashLength: saltedPasswordBytes,
    memoryCost: parameters.memoryKib,
    timeCost: parameters.iterations,
    parallelism: parameters.parallelism,
  });
}
