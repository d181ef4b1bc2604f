import v8 from "node:v8";
import { settled } from "@sallyport/testkit";

/**
 * Counts what is alive in this process. It does not measure sizes. It counts all objects after a garbage
 * collection, including closures, timers, listeners and promises. It also counts entries of maps and sets
 * that were created during `watch`, because an entry may be a plain number or text, which is no object.
 */

interface Collection {
  readonly size: number;
}

export class LiveObjects {
  readonly #collections: WeakRef<Collection>[] = [];

  /** Counts the maps and sets that are created while `run` runs. */
  async watch<T>(run: () => Promise<T>): Promise<T> {
    const { Map: PlainMap, Set: PlainSet } = globalThis;
    const seen = (made: Collection): void => void this.#collections.push(new WeakRef(made));
    globalThis.Map = class<K, V> extends PlainMap<K, V> {
      constructor(entries?: Iterable<readonly [K, V]> | null) {
        super(entries);
        seen(this);
      }
    } as MapConstructor;
    globalThis.Set = class<T> extends PlainSet<T> {
      constructor(values?: Iterable<T> | null) {
        super(values);
        seen(this);
      }
    } as SetConstructor;
    try {
      return await run();
    } finally {
      Object.assign(globalThis, { Map: PlainMap, Set: PlainSet });
    }
  }

  async count(): Promise<{ readonly objects: number; readonly entries: number }> {
    await this.#forgetGarbage();
    const alive = this.#collections.flatMap((each) => each.deref() ?? []);
    const entries = alive.reduce((sum, { size }) => sum + size, 0);
    return { objects: countObjects(), entries };
  }

  async #forgetGarbage(): Promise<void> {
    // An object that was read from a weak reference stays alive until the present turn of the event loop
    // ends. So wait for the end of the turn.
    await settled();
    countObjects();
    const alive = this.#collections.filter((each) => each.deref() !== undefined);
    this.#collections.splice(0, this.#collections.length, ...alive);
    await settled();
  }
}

/** V8 collects garbage before it counts. */
const countObjects = (): number => v8.queryObjects(Object, { format: "count" });
