export interface OccupancyBounds {
  readonly clientsMax: number;
  readonly clientsPerAddressMax: number;
}

/** Counts the connected clients, in total and by address, and refuses clients beyond the bounds. */
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
   * Returns null if the client is admitted. The client is then counted until `leave` is called. Otherwise
   * returns the reason for the refusal. `address` must come from `addressOf`.
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

  /** Refuses every client from now on. */
  close(): void {
    this.#isOpen = false;
  }
}
