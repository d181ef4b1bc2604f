import { distanceCells } from "@sallyport/domain";
import type { Cell } from "./grid-map.ts";

/** The charId of a character, or the id of an actor that is no player. */
export type ActorId = number;

export interface Placed extends Cell {
  readonly id: ActorId;
}

interface Entry extends Placed {
  x: number;
  y: number;
  bucket: number;
  /** The index of the actor in its bucket. With this index, an actor is removed without a search. */
  slot: number;
}

/**
 * Finds the actors near a cell. The map is divided into squares a little wider than the view, so a query
 * reads at most nine squares. The cost of a query depends on the number of neighbours, not on the size of the
 * map.
 */
export class AreaIndex {
  /** Number of entries that all queries have examined. Tests use it to measure the cost of the index. */
  candidatesExamined = 0;

  readonly #viewCells: number;
  readonly #bucketCells: number;
  readonly #columns: number;
  readonly #rows: number;
  readonly #buckets: (Entry[] | undefined)[];
  readonly #entries = new Map<ActorId, Entry>();

  constructor(size: { readonly width: number; readonly height: number; readonly viewCells: number }) {
    this.#viewCells = size.viewCells;
    // The squares are one cell wider than the view. So one query for a step covers the views from the old and
    // the new cell.
    this.#bucketCells = size.viewCells + 1;
    this.#columns = Math.ceil(size.width / this.#bucketCells);
    this.#rows = Math.ceil(size.height / this.#bucketCells);
    this.#buckets = new Array(this.#columns * this.#rows).fill(undefined);
  }

  get count(): number {
    return this.#entries.size;
  }

  ids(): IterableIterator<ActorId> {
    return this.#entries.keys();
  }

  /** Returns all actors. Do not keep the entries: see `near`. */
  all(): Placed[] {
    return [...this.#entries.values()];
  }

  has(id: ActorId): boolean {
    return this.#entries.has(id);
  }

  cellOf(id: ActorId): Cell | undefined {
    const entry = this.#entries.get(id);
    return entry && { x: entry.x, y: entry.y };
  }

  place(id: ActorId, x: number, y: number): void {
    if (this.#entries.has(id)) throw new Error(`${id} is already placed`);
    const entry: Entry = { id, x, y, bucket: this.#bucketOf(x, y), slot: 0 };
    this.#entries.set(id, entry);
    this.#putIn(entry);
  }

  move(id: ActorId, x: number, y: number): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) throw new Error(`${id} is not placed`);
    entry.x = x;
    entry.y = y;
    const bucket = this.#bucketOf(x, y);
    if (bucket === entry.bucket) return;
    this.#takeOut(entry);
    entry.bucket = bucket;
    this.#putIn(entry);
  }

  remove(id: ActorId): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#takeOut(entry);
    this.#entries.delete(id);
  }

  /**
   * Returns all actors within `reachCells` of a cell, including actors on that cell. Do not keep the entries,
   * because the next change of the index can change them.
   */
  near(x: number, y: number, reachCells = this.#viewCells): Placed[] {
    const found: Placed[] = [];
    const here = { x, y };
    const size = this.#bucketCells;
    const left = Math.max(0, Math.floor((x - reachCells) / size));
    const right = Math.min(this.#columns - 1, Math.floor((x + reachCells) / size));
    const top = Math.max(0, Math.floor((y - reachCells) / size));
    const bottom = Math.min(this.#rows - 1, Math.floor((y + reachCells) / size));
    for (let row = top; row <= bottom; row++) {
      for (let column = left; column <= right; column++) {
        for (const entry of this.#buckets[row * this.#columns + column] ?? []) {
          this.candidatesExamined++;
          if (distanceCells(here, entry) <= reachCells) found.push(entry);
        }
      }
    }
    return found;
  }

  #bucketOf(x: number, y: number): number {
    return Math.floor(y / this.#bucketCells) * this.#columns + Math.floor(x / this.#bucketCells);
  }

  #putIn(entry: Entry): void {
    let bucket = this.#buckets[entry.bucket];
    if (bucket === undefined) {
      bucket = [];
      this.#buckets[entry.bucket] = bucket;
    }
    entry.slot = bucket.length;
    bucket.push(entry);
  }

  #takeOut(entry: Entry): void {
    const bucket = this.#buckets[entry.bucket];
    const last = bucket?.pop();
    if (bucket === undefined || last === undefined || last === entry) return;
    bucket[entry.slot] = last;
    last.slot = entry.slot;
  }
}
