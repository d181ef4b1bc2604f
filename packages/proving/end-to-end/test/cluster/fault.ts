import { Unavailable } from "@sallyport/domain";
import type { Place } from "./gate.ts";
import type { Around } from "./life.ts";

/**
 * Makes a store fail once. `before`: it fails before it carries out a request. `after`: it carries the
 * request out, and only the answer is lost.
 */
export class Fault {
  #next: { readonly place: Place; readonly what: string } | null = null;

  readonly around: Around = async (what, run) => {
    const fault = this.#next;
    if (fault === null || fault.what !== what) return run();
    this.#next = null;
    if (fault.place === "after") await run();
    throw new Unavailable(`no answer to ${what}`);
  };

  get hasHappened(): boolean {
    return this.#next === null;
  }

  next(place: Place, what: string): void {
    this.#next = { place, what };
  }
}
