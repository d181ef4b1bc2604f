import { type Admission, hashCookie } from "@sallyport/cluster-protocol";
import { accepted, Incarnation, type Outcome, refused } from "@sallyport/domain";
import {
  type LockTiming,
  type ServerCommand,
  type ServerEffect,
  type ServerLock,
  type ServerRefusal,
  serverLockCore,
} from "@sallyport/lock-core";
import { LockService, type LockStore } from "@sallyport/lock-store";
import type { Log } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import { isUnavailable } from "./unavailable.ts";

/*
 * Which servers are connected to this tier. A server lock outlives its link by the reconnect timer, and the locks
 * that the server owns end with it, always before it: were it the other way round, a crash in between would leave
 * locks that nobody owns and that have no deadline.
 */

export interface ServerRegistryOptions {
  readonly store: LockStore;
  readonly timing: LockTiming;
  readonly randomBytes: (count: number) => Uint8Array;
  readonly log: Log;
  readonly metrics?: Metrics;
  /** Frees one lock that the lost life of a server owned. */
  readonly forfeit: (key: string, owner: { server: string; incarnation: string }) => Promise<void>;
}

const keyPrefix = "server:";
const pageSize = 500;

export class ServerRegistry {
  readonly #options: ServerRegistryOptions;
  readonly #locks: LockService<ServerLock, ServerCommand, ServerEffect, ServerRefusal>;

  constructor(options: ServerRegistryOptions) {
    this.#options = options;
    this.#locks = new LockService({ store: options.store, core: serverLockCore(options.timing) });
  }

  async connect(server: string): Promise<Outcome<Admission, "server-lock-exists" | "unavailable">> {
    const { randomBytes, log } = this.#options;
    const cookie = randomBytes(32);
    const incarnation = Incarnation(Buffer.from(randomBytes(8)).toString("hex"));
    try {
      const applied = await this.#locks.apply(keyPrefix + server, {
        type: "connect",
        incarnation,
        cookieHash: hashCookie(cookie),
      });
      if (applied.ok) return accepted({ incarnation, cookie });
      const deadlineMs = "deadlineMs" in applied.lock ? applied.lock.deadlineMs : applied.nowMs;
      return refused("server-lock-exists", Math.max(100, deadlineMs - applied.nowMs));
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      log.warn({ err: error }, "the lock store did not answer");
      return refused("unavailable", 1_000);
    }
  }

  /** Says that the link lives. False: the server lock is gone, and the server has to connect anew. */
  async renew({ server, incarnation }: Life): Promise<boolean> {
    return (await this.#locks.apply(keyPrefix + server, { type: "renew", incarnation })).ok;
  }

  async disconnect({ server, incarnation }: Life): Promise<void> {
    await this.#locks.apply(keyPrefix + server, { type: "disconnect", incarnation });
  }

  async leave(life: Life): Promise<void> {
    await this.#forfeitAll(life);
    await this.#locks.apply(keyPrefix + life.server, { type: "release", incarnation: life.incarnation });
  }

  /** True when the key is one of a server lock. */
  owns(key: string): boolean {
    return key.startsWith(keyPrefix);
  }

  async expire(key: string): Promise<void> {
    const server = key.slice(keyPrefix.length);
    const { lock, nowMs } = await this.#locks.read(key);
    if (lock.state === "away" && nowMs >= lock.deadlineMs) {
      await this.#forfeitAll({ server, incarnation: Incarnation(lock.incarnation) });
      this.#options.log.warn({ server }, "did not come back in time; what it held is free");
    }
    const { ok } = await this.#locks.apply(key, { type: "expire" });
    if (ok) this.#options.metrics?.count("locksExpired", { kind: "server", state: lock.state });
  }

  async #forfeitAll({ server, incarnation }: Life): Promise<void> {
    let cursor: string | null = null;
    do {
      const page = await this.#options.store.ownedBy(incarnation, cursor, pageSize);
      await Promise.all(page.keys.map((key) => this.#options.forfeit(key, { server, incarnation })));
      cursor = page.next;
    } while (cursor !== null);
  }
}

/** One life of a server on one link. */
export type Life = { readonly server: string; readonly incarnation: Incarnation };
