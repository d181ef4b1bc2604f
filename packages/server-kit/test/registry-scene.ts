import { Incarnation, Unavailable } from "@sallyport/domain";
import { defaultLockTiming, serverLockKey } from "@sallyport/lock-core";
import { type LockStore, MemoryLockState, MemoryLockStore, UnreadableLock } from "@sallyport/lock-store";
import { testHost } from "@sallyport/testkit";
import { type AdmittedServer, ServerRegistry } from "../src/index.ts";
import { heardLog } from "./heard-log.ts";

export const timing = { ...defaultLockTiming, leaseMs: 10_000, reconnectMs: 20_000, reclaimMs: 30_000 };
export const server = "map-1";
export const key = serverLockKey(server);

export type Linked = AdmittedServer & { readonly cookie: Uint8Array };

/** Runs the registry over a memory store. The test controls the clock and the failures of the store. */
export class RegistryScene {
  nowMs = 0;
  /** Returns true if the next operation of the store must fail. */
  failAt: (what: string) => boolean = () => false;
  /** The value of this key is not valid, as if another program had overwritten it. */
  unreadable: string | null = null;
  /** Lists the freed locks. Each entry says whether the server lock was still there. */
  readonly freed: { readonly key: string; readonly hadServer: boolean }[] = [];
  readonly state = new MemoryLockState();
  readonly losses = { count: 0, graceMs: 0, graceLeftMs: () => this.losses.graceMs };
  readonly heard = heardLog();
  readonly store: LockStore;
  registry: ServerRegistry;
  #drawn = 0;

  constructor() {
    const memory = new MemoryLockStore({ nowMs: () => this.nowMs, state: this.state });
    const unlessFails = <T>(what: string, run: () => Promise<T>): Promise<T> =>
      this.failAt(what) ? Promise.reject(new Unavailable(`killed at ${what}`)) : run();
    this.store = {
      losses: this.losses,
      generationOf: () => memory.generationOf(),
      load: (of) => unlessFails(`load ${of}`, () => memory.load(of)),
      compareAndSet: (change) => unlessFails(`change ${change.key}`, () => memory.compareAndSet(change)),
      due: (limit) => memory.due(limit),
      ownedBy: (...page) => unlessFails("owned-by", () => memory.ownedBy(...page)),
      close: () => memory.close(),
    };
    this.registry = this.registryOf();
  }

  /** Creates the registry of another process over the same store. */
  registryOf(isAlone = false): ServerRegistry {
    const host = testHost({
      log: this.heard.log,
      randomBytes: (count) => {
        this.#drawn += 1;
        return new Uint8Array(count).fill(this.#drawn);
      },
    });
    return new ServerRegistry(host, {
      isAlone,
      store: this.store,
      timing,
      forfeit: async (owned) => {
        if (owned === this.unreadable) throw new UnreadableLock(owned);
        const { lock } = await this.store.load(owned);
        if (lock === null) return;
        const change = { key: owned, expectedVersion: lock.version, value: null };
        await this.store.compareAndSet({ ...change, deadline: "none" as const, owner: null });
        this.freed.push({ key: owned, hadServer: this.isThere });
      },
    });
  }

  /** Empties the store. The store notices the loss. */
  loseAll(): void {
    for (const all of [this.state.locks, this.state.owned]) all.clear();
    this.losses.count += 1;
    this.losses.graceMs = 30_000;
  }

  get isThere(): boolean {
    return this.state.locks.has(key);
  }

  get value(): string {
    return this.state.locks.get(key)?.value ?? "";
  }

  get serverState(): string | undefined {
    return this.isThere ? (JSON.parse(this.value) as { state: string }).state : undefined;
  }

  async admit(cookie: Uint8Array | null): Promise<Linked> {
    const admitted = await this.registry.admit(server, cookie);
    if (!admitted.ok) throw new Error(admitted.refusal);
    return { ...admitted.value.admittedServer, cookie: admitted.value.cookie };
  }

  connect(): Promise<Linked> {
    return this.admit(null);
  }

  async own({ incarnation }: Pick<AdmittedServer, "incarnation">, count: number): Promise<readonly string[]> {
    const keys = Array.from({ length: count }, (_, index) => `character:${incarnation}-${index}`);
    for (const owned of keys) await this.reclaim(owned, { incarnation });
    return keys;
  }

  /** Reclaims a lock in the name of its owner. */
  async reclaim(owned: string, { incarnation }: Pick<AdmittedServer, "incarnation">): Promise<void> {
    const { lock } = await this.store.load(owned);
    const change = {
      key: owned,
      expectedVersion: lock?.version ?? 0,
      value: "{}",
      deadline: "none" as const,
    };
    await this.store.compareAndSet({ ...change, owner: incarnation });
  }

  ownOther(count: number): Promise<readonly string[]> {
    return this.own({ incarnation: Incarnation("other") }, count);
  }
}
