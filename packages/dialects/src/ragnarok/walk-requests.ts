import type { Cell } from "@sallyport/domain";

/**
 * Clients request several walks a second. Only one request is in progress at a time. If more walks arrive
 * meanwhile, only the newest one is kept.
 */
export class WalkRequests {
  #isAsking = false;
  #next: Cell | null = null;

  /** Returns false if the cell has to wait for the answer to an earlier request. */
  begin(to: Cell): boolean {
    const begins = !this.#isAsking;
    this.#isAsking = true;
    this.#next = begins ? null : to;
    return begins;
  }

  /** Returns the cell that waits, or null. */
  answered(): Cell | null {
    const next = this.#next;
    this.#isAsking = false;
    this.#next = null;
    return next;
  }
}
