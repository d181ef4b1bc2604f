import {
  type AccountStore,
  type CharacterSave,
  type CharacterStore,
  createMemoryStores,
  type MapHostStore,
  type MemoryStores,
  type NetworkBans,
  type WorldStateStore,
} from "@sallyport/database";
import { type Outcome, Unavailable } from "@sallyport/domain";
import {
  type Changed,
  type LockReader,
  type LockStore,
  MemoryLockState,
  MemoryLockStore,
} from "@sallyport/lock-store";
import type { Random } from "@sallyport/random";
import { DatabaseLanes } from "./database-lanes.ts";
import type { EventLoop } from "./event-loop.ts";
import { type Observer, type StoredLock, storedLock } from "./facts.ts";
import { LosableLocks } from "./losable-locks.ts";
import { passing } from "./passing.ts";
import { RowLocks } from "./row-locks.ts";
import { givenUpOf, healthy, lateOf, replyMsOf, type Service } from "./service.ts";
import type { SimulatedProcess } from "./simulated-process.ts";
import { StoreClock } from "./store-clock.ts";
import { type LockTier, lockTiers, type StoreName } from "./topology.ts";
import { accountRow, watchedAccounts } from "./watched-accounts.ts";
import { watchedWorldStates } from "./watched-world-states.ts";

const eachTier = <Each>(of: (tier: LockTier) => Each): { readonly [T in LockTier]: Each } => ({
  login: of("login"),
  Alpha: of("Alpha"),
  Beta: of("Beta"),
});

/** The rows that a statement will change. Some of them may be unknown when the statement begins. */
type Rows = readonly string[] | (() => Promise<readonly string[]>);

const characterRow = ({ charId }: { readonly charId: number }): string => `character ${charId}`;

/** The stores that the servers use. Some planted faults replace one of these stores. */
export interface Underneath {
  readonly locks: { readonly [T in LockTier]: LockStore };
  readonly database: MemoryStores;
  /** How long owners can restore lost locks. */
  readonly graceMs: number;
}

export interface SimulatedStoresOptions {
  readonly loop: EventLoop;
  readonly random: Random;
  readonly observer: Observer;
  readonly graceMs: number;
  /** The largest share by which a lock store's clock runs fast or slow. */
  readonly drift: number;
  /** Whether the database runs several statements at once. They wait for each other's rows. */
  readonly isInterleaved: boolean;
  readonly plant?: ((stores: Underneath) => Underneath) | undefined;
}

/**
 * The lock stores and the database of one cluster. They outlive every server. Each process has its own
 * connections to them.
 */
export class SimulatedStores {
  readonly services: { readonly [N in StoreName]: Service } = {
    ...eachTier(healthy),
    database: healthy(),
  };
  /** Each tier has its own clock, because its store can run on its own machine. */
  readonly clocks: { readonly [T in LockTier]: StoreClock };
  readonly states = eachTier(() => new MemoryLockState());
  /** The stores without the planted fault. */
  readonly sound: Underneath;
  readonly underneath: Underneath;
  readonly losable: { readonly [T in LockTier]: LosableLocks };
  readonly #loop: EventLoop;
  readonly #random: Random;
  readonly #observer: Observer;
  readonly #isInterleaved: boolean;
  readonly #rows: RowLocks;

  constructor(options: SimulatedStoresOptions) {
    const { loop, random, observer, graceMs, drift, plant = (stores) => stores } = options;
    this.#loop = loop;
    this.#random = random;
    this.#observer = observer;
    this.#isInterleaved = options.isInterleaved;
    this.#rows = new RowLocks(loop);
    const aheadMs = random.below(1_000_000);
    const ofClocks = random.fork("clocks");
    const clock = (): StoreClock => new StoreClock(loop, { aheadMs, drift: ofClocks.between(-drift, drift) });
    this.clocks = eachTier(clock);
    const locksOf = (tier: LockTier): MemoryLockStore =>
      new MemoryLockStore({ nowMs: () => this.clocks[tier].nowMs, state: this.states[tier] });
    this.sound = {
      locks: eachTier(locksOf),
      database: createMemoryStores({ now: () => this.wallMs }),
      graceMs,
    };
    this.underneath = plant(this.sound);
    const losable = (tier: LockTier): LosableLocks =>
      new LosableLocks({
        state: this.states[tier],
        // A process that notices a loss measures the grace period by its own clock, and reports the remaining
        // time. The other processes use the reported time.
        nowMs: () => loop.nowMs,
        graceMs: this.underneath.graceMs,
        lost: (isAll, locks) => this.#see({ type: "locks-lost", tier, isAll, locks }),
      });
    this.losable = eachTier(losable);
  }

  /** Milliseconds since 1970. */
  get wallMs(): number {
    return 1_700_000_000_000 + Math.floor(this.#loop.nowMs);
  }

  lock(tier: LockTier, key: string): StoredLock | null {
    const entry = this.states[tier].locks.get(key);
    return entry === undefined ? null : storedLock(entry);
  }

  allLocks(): readonly { readonly tier: LockTier; readonly key: string; readonly lock: StoredLock }[] {
    return lockTiers.flatMap((tier) =>
      [...this.states[tier].locks].map(([key, entry]) => ({ tier, key, lock: storedLock(entry) })),
    );
  }

  /** Opens a connection to a lock store. Operations on it keep their order. */
  lockStoreFor(process: SimulatedProcess, tier: LockTier): LockStore {
    const store = this.underneath.locks[tier];
    const way = this.#way(process, tier, true);
    const failed = (): Error => new Unavailable(`the ${tier} locks do not answer`);
    const { locks } = this.states[tier];
    const losable = this.losable[tier];
    const losses = losable.connect(process.life);
    const ask = <T>(what: string, run: () => Promise<T>, generation = losses.generation): Promise<T> =>
      way(what, failed, async () => {
        losses.compare(generation);
        return run();
      });
    return {
      losses,
      generationOf: () => losses.generation,
      load: (key) => {
        const { generation } = losses;
        return ask(`load ${key}`, async () => ({ ...(await store.load(key)), generation }));
      },
      due: (limit) => ask("due", () => store.due(limit)),
      ownedBy: (...page) => ask("owned-by", () => store.ownedBy(...page)),
      close: async () => {},
      compareAndSet: (change) => {
        const { key, expectedVersion, when, generation } = change;
        const run = async (): Promise<Changed> => {
          const entry = locks.get(key);
          const before = entry === undefined ? null : storedLock(entry);
          const changed = await store.compareAndSet(change);
          if (!changed.ok && changed.why === "time" && when !== undefined)
            this.#see({ type: "lock-untimely", key, when });
          if (changed.ok) {
            losable.changed(process.life, key);
            const made = locks.get(key);
            const after = made === undefined ? null : storedLock(made);
            this.#see({
              type: "lock-changed",
              life: process.life,
              tier,
              key,
              before,
              after,
              expected: expectedVersion,
              overwritten: entry?.version ?? 0,
              storeMs: this.clocks[tier].latestMs,
              tiersMs: eachTier((each) => this.clocks[each].latestMs),
            });
          }
          return changed;
        };
        return ask(`change ${key}`, run, generation);
      },
    };
  }

  /** Opens a connection that only reads locks and does not notice losses. */
  lockReaderFor(process: SimulatedProcess, tier: LockTier): Pick<LockReader, "load"> {
    const store = this.underneath.locks[tier];
    const way = this.#way(process, tier, true);
    const failed = (): Error => new Unavailable(`the ${tier} locks do not answer`);
    return { load: (key) => way(`look at ${key}`, failed, () => store.load(key)) };
  }

  accountsFor(process: SimulatedProcess): AccountStore {
    const { accounts } = this.underneath.database;
    return watchedAccounts(accounts, process.life, this.#databaseWay(process), (fact) => this.#see(fact));
  }

  charactersFor(process: SimulatedProcess): CharacterStore {
    const { characters } = this.underneath.database;
    const way = this.#databaseWay(process);
    const { stateOf } = this.sound.database;
    const saw = ({ charId, fence }: CharacterSave, isAccepted: boolean): void => {
      const state = stateOf(charId);
      // The character no longer exists, so nothing was stored.
      if (state === undefined && !isAccepted) return;
      const { attributes = {} } = state ?? {};
      this.#see({ type: "saved", charId, fence, isAccepted, steps: stepsOf(state), attributes });
    };
    const operated = async <R extends Outcome<unknown, string>>(
      of: Parameters<CharacterStore["list"]>[0] & { readonly charId: number },
      changing: Promise<R>,
    ): Promise<R> => {
      const changed = await changing;
      const character = (await characters.list(of)).find(({ charId }) => charId === of.charId);
      if (changed.ok && character !== undefined)
        this.#see({ type: "operated", charId: of.charId, fence: character.fence });
      return changed;
    };
    return {
      list: (of) => way("list", () => characters.list(of)),
      create: (of) => {
        const run = async () => {
          const made = await characters.create(of);
          const { accountId } = of;
          if (made.ok) this.#see({ type: "created", charId: made.value.charId, accountId });
          return made;
        };
        return way("create", run, [accountRow(of), `character ${of.name.toLowerCase()}`]);
      },
      nameOfAccount: (accountId) => way("name of account", () => characters.nameOfAccount(accountId)),
      fillSkeletons: (world) => way("fill skeletons", () => characters.fillSkeletons(world)),
      delete: (of) => {
        const run = async () => {
          const deleted = await characters.delete(of);
          const { charId, accountId } = of;
          if (deleted.ok) this.#see({ type: "deleted", charId, accountId });
          return deleted;
        };
        return way("delete", run, [accountRow(of), characterRow(of)]);
      },
      find: (of) => way("find character", () => characters.find(of)),
      rename: (of) => {
        const rows = [accountRow(of), characterRow(of), `character ${of.name.toLowerCase()}`];
        return way("rename", () => operated(of, characters.rename(of)), rows);
      },
      move: (of) => way("move", () => operated(of, characters.move(of)), [accountRow(of), characterRow(of)]),
      reserveDeletion: (of) =>
        way("reserve deletion", () => characters.reserveDeletion(of), [accountRow(of), characterRow(of)]),
      take: (of) => {
        const run = async () => {
          const taken = await characters.take(of);
          if (!taken.ok) return taken;
          const { charId, accountId, fence } = taken.value;
          const { world } = of;
          const all = (await characters.list({ accountId, world })).map((each) => each.charId);
          const { attributes } = taken.value;
          const steps = stepsOf(taken.value);
          this.#see({ type: "taken", charId, accountId, fence, steps, attributes, all });
          return taken;
        };
        const rows = async () => [
          accountRow(of),
          characterRow(of),
          ...(await characters.list(of)).map(characterRow),
        ];
        return way("take", run, rows);
      },
      save: (save) => {
        const run = async () => {
          const saved = await characters.save(save);
          saw(save, saved.ok);
          return saved;
        };
        return way("save", run, [characterRow(save)]);
      },
      pass: (save, to) => {
        const run = async () => {
          const passed = await characters.pass(save, to);
          saw(save, passed.ok);
          if (passed.ok) this.#see({ type: "passed", charId: save.charId, fence: passed.value.fence });
          return passed;
        };
        return way("pass", run, [characterRow(save)]);
      },
      saveMany: (saves) => {
        const run = async () => {
          const refusals = await characters.saveMany(saves);
          for (const save of saves) saw(save, !refusals.has(save.charId));
          return refusals;
        };
        return way("save many", run, saves.map(characterRow));
      },
      submitScore: (of) => way("submit score", () => characters.submitScore(of), [characterRow(of)]),
    };
  }

  mapHostsFor(process: SimulatedProcess): MapHostStore {
    return passing(this.underneath.database.mapHosts, this.#databaseWay(process));
  }

  networkBansFor(process: SimulatedProcess): NetworkBans {
    return passing(this.underneath.database.networkBans, this.#databaseWay(process));
  }

  worldStatesFor(process: SimulatedProcess): WorldStateStore {
    const { worldStates } = this.underneath.database;
    const sound = this.sound.database.worldStates;
    return watchedWorldStates(worldStates, sound, this.#databaseWay(process), (fact) => this.#see(fact));
  }

  /**
   * Returns a function that passes statements to the database. The database runs them one at a time and
   * answers in any order, or it runs several at once as Postgres does.
   */
  #databaseWay(process: SimulatedProcess) {
    const service = this.services.database;
    const loop = this.#loop;
    const lanes = this.#isInterleaved
      ? new DatabaseLanes({
          ...{ loop, process, service, rows: this.#rows },
          random: this.#random.fork(`lanes of ${process.life}`),
          slow: (takesMs) => this.#see({ type: "slow-statement", takesMs }),
        })
      : null;
    const atOnce = this.#way(process, "database", false);
    return <T>(what: string, run: () => Promise<T>, rows: Rows = []): Promise<T> => {
      const failed = (): Error => new Unavailable(`${what} was not answered`);
      if (lanes === null) return atOnce(what, failed, run);
      const wanted = async (): Promise<readonly string[]> => (typeof rows === "function" ? rows() : rows);
      return lanes.ask(
        { what, rows: wanted, run, givenUp: () => givenUpOf(service, what), lateMs: lateOf(what) },
        failed,
      );
    };
  }

  #way(process: SimulatedProcess, name: StoreName, isOrdered: boolean) {
    const random = this.#random.fork(`${name} for ${process.life}`);
    const service = this.services[name];
    let lastMs = 0;
    let lastReplyMs = 0;
    return <T>(what: string, failed: () => Error, run: () => Promise<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        process.boundary(`${name}: ${what}`);
        if (process.isDead) return;
        const reply = (settle: () => void): void => {
          process.boundary(`${name}: ${what}, done`);
          const { nowMs } = this.#loop;
          const replyMs = Math.max(isOrdered ? lastReplyMs : 0, nowMs + replyMsOf(random, service));
          lastReplyMs = replyMs;
          this.#loop.after(replyMs - nowMs, () => process.deliver(settle));
        };
        const { nowMs } = this.#loop;
        const arrivalMs = Math.max(isOrdered ? lastMs : 0, nowMs + random.between(...service.latencyMs));
        lastMs = arrivalMs;
        this.#loop.after(arrivalMs - nowMs, () => {
          const fails = random.chance(service.failing);
          if (fails && random.chance(0.5)) return reply(() => reject(failed()));
          const givenUp = givenUpOf(service, what);
          if (givenUp > 0 && random.chance(givenUp)) {
            this.#loop.after(random.between(...lateOf(what)), () => void run());
            return reply(() => reject(failed()));
          }
          run().then(
            (value) => reply(() => (fails ? reject(failed()) : resolve(value))),
            (error) => reply(() => reject(error)),
          );
        });
      });
  }

  #see(fact: Parameters<Observer["see"]>[0]): void {
    this.#observer.see(fact, this.#loop.nowMs);
  }
}

export function stepsOf(
  state: { readonly attributes: { readonly [name: string]: unknown } } | undefined,
): number {
  const steps = state?.attributes["steps"];
  return typeof steps === "number" ? steps : 0;
}
