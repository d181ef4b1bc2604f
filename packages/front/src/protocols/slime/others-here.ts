import type { CharId } from "@sallyport/domain";
import type { Spot } from "./said.ts";

/** What a player last told of its keys. */
export interface Keys {
  /** The last place that it told with a key. Null: it told none. */
  readonly at: Spot | null;
  /** The direction 1 or 2, while that key makes it run on the ground. */
  readonly runs: number | null;
}

export interface Other {
  /** Its number on this connection, from 2. */
  readonly pid: number;
  /** Null: it tells of no keys, so its steps are told as places. */
  readonly keys: Keys | null;
}

/** Numbers that are free again, the newest first. */
interface Freed {
  readonly pid: number;
  readonly before: Freed | null;
}

/** The number of the player itself, on its own connection. Others have numbers from 2. */
export const ownPid = 1;
const pidMax = 0xffff;

/** A power of two. A change copies one part, so a room full of players is not copied for each of them. */
const partCount = 64;
type Part = ReadonlyMap<CharId, Other>;
const partOf = (charId: CharId): number => charId & (partCount - 1);

/** The other players in the room, and their numbers. A value: each change makes another one. */
export class OthersHere {
  static readonly none = new OthersHere(
    Array.from({ length: partCount }, (): Part => new Map()),
    ownPid + 1,
    null,
  );
  readonly #parts: readonly Part[];
  /** Numbers from here on were never in use. */
  readonly #unused: number;
  readonly #freed: Freed | null;

  private constructor(parts: readonly Part[], unused: number, freed: Freed | null) {
    this.#parts = parts;
    this.#unused = unused;
    this.#freed = freed;
  }

  of(charId: CharId): Other | undefined {
    return this.#parts[partOf(charId)]?.get(charId);
  }

  get pids(): readonly number[] {
    return this.#parts.flatMap((part) => [...part.values()].map(({ pid }) => pid));
  }

  /** Gives a number to a player that has none. Returns null if all numbers are in use. */
  with(charId: CharId): { readonly others: OthersHere; readonly pid: number } | null {
    const freed = this.#freed;
    const pid = freed?.pid ?? this.#unused;
    if (pid > pidMax) return null;
    const parts = this.#set(charId, { pid, keys: null });
    const unused = freed === null ? pid + 1 : this.#unused;
    return { others: new OthersHere(parts, unused, freed?.before ?? null), pid };
  }

  keyed(charId: CharId, keys: Keys): OthersHere {
    const other = this.of(charId);
    if (other === undefined) return this;
    return new OthersHere(this.#set(charId, { pid: other.pid, keys }), this.#unused, this.#freed);
  }

  without(charId: CharId): OthersHere {
    const other = this.of(charId);
    if (other === undefined) return this;
    const freed = { pid: other.pid, before: this.#freed };
    return new OthersHere(this.#set(charId, null), this.#unused, freed);
  }

  #set(charId: CharId, other: Other | null): readonly Part[] {
    const nth = partOf(charId);
    const part = new Map(this.#parts[nth]);
    if (other === null) part.delete(charId);
    else part.set(charId, other);
    return this.#parts.with(nth, part);
  }
}
