/**
 * Changes of the state of a map, so that they can be undone. A handler changes the state through the journal.
 * If the handler fails, the journal undoes all of its changes.
 */
export class Journal {
  readonly #undo: (() => void)[] = [];

  put<K, V>(map: Map<K, V>, key: K, value: V): void {
    const before = map.get(key);
    const was = map.has(key);
    map.set(key, value);
    this.#undo.push(() => {
      if (was) map.set(key, before as V);
      else map.delete(key);
    });
  }

  drop<K, V>(map: Map<K, V>, key: K): void {
    if (!map.has(key)) return;
    const before = map.get(key) as V;
    map.delete(key);
    this.#undo.push(() => map.set(key, before));
  }

  rollBack(): void {
    for (let undo = this.#undo.pop(); undo !== undefined; undo = this.#undo.pop()) undo();
  }
}
