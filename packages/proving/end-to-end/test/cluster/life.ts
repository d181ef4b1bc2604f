import { type Clock, systemClock } from "@sallyport/clock";
import type { Database } from "@sallyport/database";
import { Unavailable } from "@sallyport/domain";
import { type ByteChannel } from "@sallyport/link";
import type { LockStore } from "@sallyport/lock-store";

/**
 * Wraps a server's request to a store. The name `login.held` stands for a change that makes an account lock
 * held. The name `character-take` stands for a statement.
 */
export type Around = <T>(what: string, run: () => Promise<T>) => Promise<T>;

/**
 * All interfaces between one server and the rest of the cluster: its clock, stores and connections. `kill`
 * cuts all of them at once. After that the server's code can have no effect, as after SIGKILL.
 */
export class Life {
  readonly clock: Clock;
  readonly #channels = new Set<ByteChannel>();
  #isOver = false;

  constructor(clock: Clock = systemClock) {
    const unlessOver = (run: () => void) => () => {
      if (!this.#isOver) run();
    };
    this.clock = {
      nowMs: () => clock.nowMs(),
      every: (periodMs, run) => clock.every(periodMs, unlessOver(run)),
      after: (delayMs, run) => clock.after(delayMs, unlessOver(run)),
    };
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Records that this server has this end of a connection. `kill` cuts the connection. */
  owns(channel: ByteChannel): ByteChannel {
    this.#channels.add(channel);
    return channel;
  }

  store(store: LockStore, tier: string, around: Around): LockStore {
    const alive = <T>(what: string, run: () => Promise<T>): Promise<T> =>
      around(what, async () => {
        if (this.#isOver) throw new Unavailable("this server was killed");
        return run();
      });
    return {
      losses: store.losses,
      generationOf: (key) => store.generationOf(key),
      load: (key) => alive(`${tier}.load`, () => store.load(key)),
      compareAndSet: (change) => alive(`${tier}.${stateOf(change.value)}`, () => store.compareAndSet(change)),
      due: (limit) => alive(`${tier}.due`, () => store.due(limit)),
      ownedBy: (owner, cursor, limit) => alive(`${tier}.owned-by`, () => store.ownedBy(owner, cursor, limit)),
      close: () => store.close(),
    };
  }

  database(database: Database, around: Around): Database {
    return {
      query: (statement, values) =>
        around(statement.name, async () => {
          if (this.#isOver) throw new Unavailable("this server was killed");
          return database.query(statement, values);
        }),
      close: () => database.close(),
    };
  }

  kill(): void {
    this.#isOver = true;
    for (const channel of this.#channels) channel.destroy();
  }
}

function stateOf(value: string | null): string {
  return value === null ? "free" : (JSON.parse(value) as { state: string }).state;
}
