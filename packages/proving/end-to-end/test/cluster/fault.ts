import { Unavailable } from "@sallyport/domain";
import { StoreUnavailable } from "@sallyport/lock-store";
import type { Place } from "./gate.ts";
import type { Around } from "./life.ts";

/** Lets a store fail once: `before` what it was asked was done, or `after`, when only the answer is lost. */
export class Fault {
  #next: { readonly place: Place; readonly what: string } | null = null;

  readonly around: Around = async (what, run) => {
    const fault = this.#next;
    if (fault === null || fault.what !== what) return run();
    this.#next = null;
    if (fault.place === "after") await run();
    // Lock stores name what they are asked by tier and state, statements of Postgres have names without a dot.
    throw what.includes(".") ? new StoreUnavailable(`no answer to ${what}`) : new Unavailable(what);
  };

  get hasHappened(): boolean {
    return this.#next === null;
  }

  next(place: Place, what: string): void {
    this.#next = { place, what };
  }
}
