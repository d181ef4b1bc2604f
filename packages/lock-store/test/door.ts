import { Unavailable } from "@sallyport/domain";
import type { LockCore, NewDeadline } from "@sallyport/lock-core";
import { type LockStore, noLosses } from "../src/index.ts";

export type Lock = { state: "free" } | { state: "held"; by: string; visits: number };
export type Command =
  | { type: "hold"; by: string }
  | { type: "visit" }
  | { type: "renew" }
  | { type: "release"; by: string }
  | { type: "look" }
  | { type: "expire" };
export type Refusal = "held-elsewhere" | "not-held" | "not-yet";

const goes = (next: Lock, deadline: NewDeadline, ...effects: string[]) =>
  ({ ok: true, next, effects, deadline, when: undefined }) as const;
const no = (refusal: Refusal) => ({ ok: false, refusal }) as const;

/** This lock has just enough rules to test the service. */
export const door: LockCore<Lock, Command, string, Refusal> = {
  initial: { state: "free" },
  decide(lock, command) {
    if (command.type === "look") return goes(lock, "keep", "looked");
    if (lock.state === "free") {
      if (command.type === "expire") return goes({ state: "free" }, "none");
      if (command.type !== "hold") return no("not-held");
      const { by } = command;
      return goes({ state: "held", by, visits: 0 }, { inMs: 100 }, `held ${by}`);
    }
    switch (command.type) {
      case "hold":
        return no("held-elsewhere");
      case "visit":
        return goes({ ...lock, visits: lock.visits + 1 }, "keep");
      case "renew":
        return goes(lock, { inMs: 100 });
      case "release":
        return command.by === lock.by ? goes({ state: "free" }, "none", "released") : no("held-elsewhere");
      case "expire":
        return {
          ...goes({ state: "free" }, "none", "expired"),
          when: { is: "due", otherwise: "not-yet" },
        };
    }
  },
  ownerOf: (lock) => (lock.state === "held" ? lock.by : null),
  isInitial: (lock) => lock.state === "free",
  isLock: (stored) => "state" in stored,
};

/** Counts the calls of a store, and can call a function before each change. */
export class CountingStore implements LockStore {
  readonly losses = noLosses;
  readonly calls: string[] = [];
  generation: string | undefined = undefined;
  readonly changedIn: (string | undefined)[] = [];
  beforeChange: () => Promise<void> = async () => {};
  /** If this is true, changes succeed, but their answers are lost. */
  losesAnswers = false;
  readonly #store: LockStore;

  constructor(store: LockStore) {
    this.#store = store;
  }

  generationOf: LockStore["generationOf"] = () => this.generation;
  load: LockStore["load"] = async (key) => {
    this.calls.push("load");
    return { ...(await this.#store.load(key)), generation: this.generation };
  };
  compareAndSet: LockStore["compareAndSet"] = async (change) => {
    this.calls.push("compareAndSet");
    this.changedIn.push(change.generation);
    await this.beforeChange();
    const changed = await this.#store.compareAndSet(change);
    if (changed.ok && this.losesAnswers) throw new Unavailable("the answer is lost");
    return changed;
  };
  due: LockStore["due"] = (limit) => this.#store.due(limit);
  ownedBy: LockStore["ownedBy"] = (owner, cursor, limit) => this.#store.ownedBy(owner, cursor, limit);
  close: LockStore["close"] = () => this.#store.close();
}
