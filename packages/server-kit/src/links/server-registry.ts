import { type Admission, type AdmitRefusal, hashCookie, isKnownCookie } from "@sallyport/cluster-protocol";
import { accepted, Incarnation, type Outcome, refused } from "@sallyport/domain";
import {
  type Claimant,
  incarnationsOf,
  type LockTiming,
  lockIdOf,
  lockKindOf,
  type Owner,
  type ServerAssertion,
  type ServerCommand,
  type ServerEffect,
  type ServerLock,
  type ServerRefusal,
  serverLockCore,
  serverLockKey,
  serverReassertion,
  standingOf,
} from "@sallyport/lock-core";
import { LockService, type LockStore, ownedPages, UnreadableLock } from "@sallyport/lock-store";
import type { Host } from "../running/host.ts";
import { orUnavailable } from "../running/unavailable.ts";

/**
 * The registry reads the server locks to know which servers are linked. After a link is lost, the server lock
 * lasts until the reconnect timer ends. All locks of the server are freed first, and its server lock ends
 * after that. In the opposite order, a crash between the two steps would leave locks without an owner and
 * without a deadline.
 */

export interface ServerRegistryOptions {
  readonly store: LockStore;
  readonly timing: LockTiming;
  /** Frees one lock that an incarnation of a server owned and did not reclaim. */
  readonly forfeit: (key: string, owner: Owner) => Promise<void>;
  /**
   * True if this is the only process that accepts these links. Then a server whose lock is `connected` but
   * which has no link to this process was linked to an earlier process. That process can no longer report
   * that the link is gone.
   */
  readonly isAlone?: boolean;
}

/**
 * One incarnation of a linked server. It is allowed to reclaim the locks of the incarnations in `earlier`.
 */
export interface AdmittedServer extends Claimant {
  readonly incarnation: Incarnation;
}

export interface Admitted extends Admission {
  readonly admittedServer: AdmittedServer;
}

/**
 * The registry looks at an incarnation that has ended this many milliseconds after it found the end. A change
 * whose answer was lost can still reach the store, for example when a cut connection delivers what it held back.
 * A lock that arrives after the last look stays until the next login.
 */
const looksAtMs = [0, 10_000, 60_000];

/** A linked incarnation. */
interface Here {
  /** The number of times that the store had lost its locks before the admission. */
  readonly losses: number;
  /** When the last change that renewed the server lock was sent to the store, on the monotonic clock. */
  renewedMs: number;
}

/** An incarnation that got a lock. */
interface Doubt {
  readonly owner: Owner;
  /** When it was found to have ended, on the monotonic clock. Null: not yet. */
  endedMs: number | null;
  /** How often it was looked at since then. */
  looks: number;
}

export class ServerRegistry {
  readonly #host: Host;
  readonly #options: ServerRegistryOptions;
  readonly #core: ReturnType<typeof serverLockCore>;
  readonly #locks: LockService<ServerLock, ServerCommand, ServerEffect, ServerRefusal>;
  readonly #lost: LockService<ServerLock, ServerAssertion, never, "server-lock-exists">;
  /** The incarnations that are linked to this process. The key is the incarnation. */
  readonly #here = new Map<string, Here>();
  /** The write in progress that records the end of the server's last link. The key is the server. */
  readonly #going = new Map<string, Promise<unknown>>();
  /** The requests in progress that can give a lock to an incarnation. The key is the incarnation. */
  readonly #gaining = new Map<string, Set<Promise<unknown>>>();
  /** These incarnations got locks, and may have ended before. */
  readonly #doubted = new Map<string, Doubt>();

  /** Servers that were refused because their name was taken. Only the first refusal is logged. */
  readonly #keptOut = new Set<string>();

  constructor(host: Host, options: ServerRegistryOptions) {
    this.#host = host;
    this.#options = options;
    this.#core = serverLockCore(options.timing);
    this.#locks = new LockService({ store: options.store, core: this.#core });
    this.#lost = new LockService({ store: options.store, core: serverReassertion(options.timing) });
  }

  /**
   * Admits a server. Without a cookie, the server is new. With its cookie, the server comes back with its
   * locks.
   */
  async admit(server: string, cookie: Uint8Array | null): Promise<Outcome<Admitted, AdmitRefusal>> {
    return orUnavailable(this.#host.log, async () => {
      await this.#going.get(server);
      return cookie === null ? this.#connect(server) : this.#reconnect(server, cookie);
    });
  }

  async #connect(server: string): Promise<Outcome<Admitted, "server-lock-exists">> {
    const { incarnation, cookie } = this.#draw();
    const sentMs = this.#host.clock.nowMs();
    const applied = await this.#locks.apply(serverLockKey(server), {
      type: "connect",
      incarnation,
      cookieHash: hashCookie(cookie),
    });
    return applied.ok
      ? this.#admitted({ server, incarnation, earlier: [] }, cookie, sentMs)
      : refused("server-lock-exists", leftOf(applied));
  }

  async #reconnect(
    server: string,
    shown: Uint8Array,
  ): Promise<Outcome<Admitted, "server-lock-exists" | "cookie-unknown">> {
    const key = serverLockKey(server);
    const { lock } = await this.#locks.read(key);
    const there = lock.state === "absent" ? undefined : lock;
    const isCookieRight = isKnownCookie(shown, [there?.cookieHash, there?.shownCookieHash]);
    if (isCookieRight && there !== undefined && this.#isOfDeadProcess(there.incarnation)) {
      await this.#locks.apply(key, { type: "disconnect", incarnation: there.incarnation });
    }
    const { incarnation, cookie } = this.#draw();
    const sentMs = this.#host.clock.nowMs();
    if (there === undefined && this.#options.store.losses.graceLeftMs() > 0) {
      // The store lost the server lock, so nobody knows who owns this cookie. But the server has proved the
      // password, and fences protect the locks that it claims.
      const [cookieHash, shownCookieHash] = [hashCookie(cookie), hashCookie(shown)];
      const restored = await this.#lost.apply(key, { incarnation, cookieHash, shownCookieHash });
      if (restored.ok) return this.#admitted({ server, incarnation, earlier: [] }, cookie, sentMs);
      return refused("server-lock-exists", leftOf(restored));
    }
    const applied = await this.#locks.apply(key, {
      type: "reconnect",
      isCookieRight,
      cookieHash: hashCookie(shown),
      incarnation,
      nextCookieHash: hashCookie(cookie),
    });
    if (applied.ok && applied.lock.state === "connected") {
      return this.#admitted({ server, incarnation, earlier: applied.lock.earlier ?? [] }, cookie, sentMs);
    }
    const why = applied.ok ? "" : applied.refusal;
    const isKeptOut = why === "server-lock-exists";
    // Log every wrong cookie, because somebody may try to guess cookies.
    if (!isKeptOut || !this.#keptOut.has(server))
      this.#host.log.warn({ peer: server, why }, "a cookie was refused");
    if (isKeptOut) this.#keptOut.add(server);
    return isKeptOut && !applied.ok ? refused(why, leftOf(applied)) : refused("cookie-unknown");
  }

  #isOfDeadProcess(incarnation: string): boolean {
    return this.#options.isAlone === true && !this.#here.has(incarnation);
  }

  #draw(): { readonly incarnation: Incarnation; readonly cookie: Uint8Array } {
    const { randomBytes } = this.#host;
    const cookie = randomBytes(32);
    return { cookie, incarnation: Incarnation(Buffer.from(randomBytes(8)).toString("hex")) };
  }

  #admitted(admittedServer: AdmittedServer, cookie: Uint8Array, renewedMs: number): Outcome<Admitted, never> {
    this.#keptOut.delete(admittedServer.server);
    const losses = this.#options.store.losses.count;
    this.#here.set(admittedServer.incarnation, { losses, renewedMs });
    const { reconnectMs } = this.#options.timing;
    return accepted({ admittedServer, incarnation: admittedServer.incarnation, cookie, reconnectMs });
  }

  /**
   * Records that the link is alive. Resolves to false if the server has to connect again. There are two
   * reasons. 1: its server lock is gone. 2: the store may have lost locks of the server.
   */
  async renew({ server, incarnation }: Owner): Promise<boolean> {
    if (!this.isRecorded({ server, incarnation })) return false;
    const sentMs = this.#host.clock.nowMs();
    const { ok } = await this.#locks.apply(serverLockKey(server), { type: "renew", incarnation });
    const here = this.#here.get(incarnation);
    if (ok && here !== undefined) here.renewedMs = sentMs;
    return ok;
  }

  /** True: the lease of the server lock lasts, so no other process can end the incarnation. */
  #isLeased(incarnation: string): boolean {
    const { renewedMs = Number.NEGATIVE_INFINITY } = this.#here.get(incarnation) ?? {};
    return this.#host.clock.nowMs() - renewedMs < this.#options.timing.leaseMs;
  }

  /**
   * Frees the locks that incarnations got after their end. This happens if this process was paused during a
   * request, or if a link was lost: meanwhile, another process has freed the locks of the incarnation. Call
   * this again and again. What a store did not answer is done by a later call. While locks are restored, this
   * does nothing, because the server locks may be missing.
   */
  async freeLate(): Promise<void> {
    if (this.#options.store.losses.graceLeftMs() > 0) return;
    for (const [incarnation, doubt] of [...this.#doubted]) {
      if (this.#gaining.has(incarnation) || this.#isLeased(incarnation) || !this.#isLookDue(doubt)) continue;
      const { lock, nowMs } = await this.#locks.read(serverLockKey(doubt.owner.server));
      const standing = standingOf(lock, incarnation, nowMs);
      if (standing === "ending") continue;
      if (standing === "ended") {
        await this.#forfeitAll(doubt.owner);
        doubt.endedMs ??= this.#host.clock.nowMs();
        doubt.looks += 1;
        if (doubt.looks < looksAtMs.length) continue;
      }
      // A request that ended meanwhile may have begun another doubt.
      if (this.#doubted.get(incarnation) === doubt) this.#doubted.delete(incarnation);
    }
  }

  #isLookDue({ endedMs, looks }: Doubt): boolean {
    return endedMs === null || this.#host.clock.nowMs() - endedMs >= looksAtMs[looks]!;
  }

  /**
   * Returns false if the store lost locks after this incarnation was admitted. The server lock may then be
   * missing, so this incarnation must get no locks: without a server lock, nobody would free them when the
   * server is gone. After the server has linked again, its next incarnation gets locks.
   */
  isRecorded({ incarnation }: Owner): boolean {
    return this.#here.get(incarnation)?.losses === this.#options.store.losses.count;
  }

  /**
   * Resolves to false if no server can come back with this name. For some time after the store lost its
   * locks, it always resolves to true, because any server may come back then.
   */
  async isKnown(server: string): Promise<boolean> {
    const { lock } = await this.#locks.read(serverLockKey(server));
    return lock.state !== "absent" || this.#options.store.losses.graceLeftMs() > 0;
  }

  /** Returns the incarnations of the server that may still own locks. */
  async incarnationsOf(server: string): Promise<readonly Owner[]> {
    const { lock } = await this.#locks.read(serverLockKey(server));
    return incarnationsOf(lock).map((incarnation) => ({ server, incarnation }));
  }

  async disconnect({ server, incarnation }: Owner): Promise<void> {
    this.#here.delete(incarnation);
    const told = this.#locks.apply(serverLockKey(server), { type: "disconnect", incarnation });
    const settled = told.then(
      () => {},
      () => {},
    );
    this.#going.set(server, settled);
    try {
      await told;
    } finally {
      if (this.#going.get(server) === settled) this.#going.delete(server);
    }
  }

  /** Frees all locks of earlier incarnations that this incarnation has not reclaimed until now. */
  async reclaimed({ server, incarnation }: Owner): Promise<void> {
    await this.#end(serverLockKey(server), { type: "reclaimed", incarnation });
  }

  /**
   * Registers a request that can give a lock to this incarnation. The request must end within a bounded time.
   * This process ends the incarnation only after the request. If another process has ended it, `freeLate`
   * frees the lock. Otherwise the lock would stay until its own deadline, and not every lock has one.
   */
  gaining<A>({ server, incarnation }: Owner, request: Promise<A>): Promise<A> {
    const all = this.#gaining.get(incarnation) ?? new Set();
    this.#gaining.set(incarnation, all.add(request));
    const ended = (): void => {
      this.#doubted.set(incarnation, { owner: { server, incarnation }, endedMs: null, looks: 0 });
      all.delete(request);
      if (all.size === 0) this.#gaining.delete(incarnation);
    };
    request.then(ended, ended);
    return request;
  }

  async #gained(incarnation: string): Promise<void> {
    for (;;) {
      const all = this.#gaining.get(incarnation);
      if (all === undefined) return;
      await Promise.allSettled(all);
    }
  }

  async leave({ server, incarnation }: Owner): Promise<void> {
    this.#here.delete(incarnation);
    await this.#end(serverLockKey(server), { type: "release", incarnation });
  }

  owns(key: string): boolean {
    return lockKindOf(key) === "server";
  }

  async expire(key: string): Promise<void> {
    const { log, metrics } = this.#host;
    const server = lockIdOf(key);
    const ended = await this.#end(key, { type: "expire" });
    if (ended === null) return;
    metrics.count("locksExpired", { kind: "server", state: ended.before.state });
    if (ended.lock.state === "absent")
      log.warn({ peer: server }, "server did not come back in time; its locks are free");
    else if (ended.lock.state === "connected")
      log.warn({ peer: server }, "server did not reclaim all its locks in time; the rest are free");
  }

  /**
   * Applies a command that ends incarnations of a server. Before an incarnation ends, this method waits for
   * the requests that can give it more locks, and frees all its locks. Resolves to null if the command was
   * refused. If another process writes the server lock meanwhile, the command may end more incarnations. This
   * method then frees their locks too, and applies the command again.
   */
  async #end(key: string, command: Extract<ServerCommand, { type: "reclaimed" | "release" | "expire" }>) {
    const server = lockIdOf(key);
    const freed = new Set<string>();
    for (;;) {
      const { lock, ...at } = await this.#locks.read(key);
      const decision = this.#core.decide(lock, command, at);
      if (!decision.ok) return null;
      for (const incarnation of incarnationsGivenUp(decision.effects)) {
        await this.#gained(incarnation);
        await this.#forfeitAll({ server, incarnation });
        freed.add(incarnation);
      }
      const applied = await this.#unlessUnfreed(freed).apply(key, command);
      if (applied.ok) return applied;
      if (applied.refusal !== "not-freed") return null;
    }
  }

  /** Refuses a change that ends an incarnation if its locks are not freed yet. */
  #unlessUnfreed(freed: ReadonlySet<string>) {
    const core = this.#core;
    return new LockService<ServerLock, ServerCommand, ServerEffect, ServerRefusal | "not-freed">({
      store: this.#options.store,
      core: {
        ...core,
        decide: (lock, command, at) => {
          const decision = core.decide(lock, command, at);
          const isFreed =
            !decision.ok ||
            incarnationsGivenUp(decision.effects).every((incarnation) => freed.has(incarnation));
          return isFreed ? decision : { ok: false, refusal: "not-freed" };
        },
      },
    });
  }

  /**
   * Frees all locks of an incarnation. Rejects with `UnreadableLock` if a lock cannot be read. The server
   * lock then stays, and the next sweep tries again.
   */
  async #forfeitAll(owner: Owner): Promise<void> {
    const unreadable: UnreadableLock[] = [];
    const forfeit = async (key: string): Promise<void> => {
      try {
        await this.#options.forfeit(key, owner);
      } catch (error) {
        if (!(error instanceof UnreadableLock)) throw error;
        unreadable.push(error);
      }
    };
    for await (const keys of ownedPages(this.#options.store, owner.incarnation))
      await Promise.all(keys.map(forfeit));
    if (unreadable[0] !== undefined) throw unreadable[0];
  }
}

const incarnationsGivenUp = (effects: readonly ServerEffect[]): readonly string[] =>
  effects.flatMap(({ incarnations }) => incarnations);

/** Returns the milliseconds until the deadline of the server lock, at least 100. */
const leftOf = ({ lock, nowMs }: { readonly lock: ServerLock; readonly nowMs: number }): number =>
  Math.max(100, (lock.state === "absent" ? nowMs : lock.deadlineMs) - nowMs);
