import { GameError } from "../schema/validate.ts";

/**
 * Changes of the state of a map, so that they can be undone. A handler changes the state through the journal.
 * If the handler fails, the journal undoes all of its changes.
 */
export class Journal {
  readonly #undo: (() => void)[] = [];
  #isClosed = false;

  put<K, V>(map: Map<K, V>, key: K, value: V): void {
    this.checkOpen();
    const before = map.get(key);
    const was = map.has(key);
    map.set(key, value);
    this.#undo.push(() => {
      if (was) map.set(key, before as V);
      else map.delete(key);
    });
  }

  drop<K, V>(map: Map<K, V>, key: K): void {
    this.checkOpen();
    if (!map.has(key)) return;
    const before = map.get(key) as V;
    map.delete(key);
    this.#undo.push(() => map.set(key, before));
  }

  /** Throws if the handler has returned. */
  checkOpen(): void {
    if (this.#isClosed) throw new GameError("`it` is only valid until its handler returns");
  }

  close(): void {
    this.#isClosed = true;
  }

  rollBack(): void {
    this.close();
    for (let undo = this.#undo.pop(); undo !== undefined; undo = this.#undo.pop()) undo();
  }
}
