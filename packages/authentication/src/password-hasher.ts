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
import { FairTurns } from "./fair-turns.ts";
import { normalisePassword } from "./name-rules.ts";

export interface PasswordHasherOptions {
  /** New credentials get these parameters. Stored credentials are hashed with their own parameters. */
  readonly parameters?: HashParameters;
  /** At most this many hashes run at once. More hashes than processor cores only cost memory. */
  readonly concurrency?: number;
  /** At most this many hashes wait. Further requests get `busy`. */
  readonly queueMax?: number;
  readonly queuePerAddressMax?: number;
  readonly observer?: HashObserver;
}

export interface HashObserver {
  hashed(of: { readonly waitedMs: number; readonly ms: number }): void;
  refused(): void;
}

export interface HashAsker {
  /** Addresses take turns. All callers without an address count as one address. */
  readonly address?: string;
  /**
   * The signal aborts when the client no longer waits for the answer. A hash that has not begun is then
   * dropped.
   */
  readonly signal?: AbortSignal;
}

export interface HashRequest extends HashAsker {
  readonly password: string;
  readonly salt: Uint8Array;
  readonly parameters?: HashParameters;
}

export interface PasswordHasher {
  readonly parameters: HashParameters;
  readonly load: { readonly running: number; readonly waiting: number };
  /** Returns the salted password, 32 bytes. */
  hash(request: HashRequest): Promise<Outcome<Uint8Array, "busy">>;
  createCredential(password: string, asker?: HashAsker): Promise<Outcome<Credential, "busy">>;
}

/** One hash is assumed to take this many milliseconds. Each measured hash then corrects the estimate. */
const hashMsAssumed = 50;

/** This many libuv threads run argon2. File reads and name lookups wait for the same threads. */
const poolThreads = Number(process.env["UV_THREADPOOL_SIZE"]) || 4;

/**
 * Runs argon2id off the event loop, a few hashes at a time, with a bounded queue in which addresses take
 * turns.
 */
export function createPasswordHasher({
  parameters = defaultHashParameters,
  concurrency = Math.max(1, Math.min(availableParallelism(), poolThreads - 1)),
  queueMax = 200,
  queuePerAddressMax = 100,
  observer,
}: PasswordHasherOptions = {}): PasswordHasher {
  const turns = new FairTurns({
    atOnce: concurrency,
    waitingMax: queueMax,
    waitingPerSourceMax: queuePerAddressMax,
  });
  let hashMs = hashMsAssumed;

  async function hash(request: HashRequest): Promise<Outcome<Uint8Array, "busy">> {
    const { password, salt, address = "", signal } = request;
    const askedAt = performance.now();
    const turn = await turns.take(address, signal);
    if (turn !== "turn") {
      if (turn === "busy") observer?.refused();
      return refused("busy", Math.ceil(((turns.turnsAhead(address) + 1) / concurrency) * hashMs));
    }
    try {
      const startedAt = performance.now();
      const salted = await saltPassword(password, salt, request.parameters ?? parameters);
      const ms = performance.now() - startedAt;
      hashMs += (ms - hashMs) / 8;
      observer?.hashed({ waitedMs: startedAt - askedAt, ms });
      return accepted(salted);
    } finally {
      turns.give();
    }
  }

  return {
    parameters,
    get load() {
      return { running: turns.running, waiting: turns.waiting };
    },
    hash,
    createCredential: async (password, asker) => {
      const salt = randomBytes(saltBytes);
      const salted = await hash({ ...asker, password, salt });
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
