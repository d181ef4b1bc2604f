export interface OccupancyBounds {
  readonly clientsMax: number;
  /** The most clients at once from one address. */
  readonly clientsPerAddressMax: number;
}

/** Counts the clients that are in, by address. */
export class Occupancy {
  readonly #bounds: OccupancyBounds;
  readonly #countOf = new Map<string, number>();
  #count = 0;
  #isOpen = true;

  constructor(bounds: OccupancyBounds) {
    this.#bounds = bounds;
  }

  get count(): number {
    return this.#count;
  }

  /**
   * Null: the client is in, until it leaves. Otherwise the reason why it is not. `address` as `addressOf`
   * gives it.
   */
  enter(address: string): "stopping" | "full" | "address" | null {
    const fromThere = this.#countOf.get(address) ?? 0;
    if (!this.#isOpen) return "stopping";
    if (this.#count >= this.#bounds.clientsMax) return "full";
    if (fromThere >= this.#bounds.clientsPerAddressMax) return "address";
    this.#count += 1;
    this.#countOf.set(address, fromThere + 1);
    return null;
  }

  leave(address: string): void {
    const left = (this.#countOf.get(address) ?? 1) - 1;
    this.#count -= 1;
    if (left === 0) this.#countOf.delete(address);
    else this.#countOf.set(address, left);
  }

  /** No more clients come in. */
  close(): void {
    this.#isOpen = false;
  }
}
