import { parseAttributes } from "@sallyport/cluster-protocol";
import { stepsOf } from "../simulated-stores.ts";
import type { Checker, FactOf, Rules } from "./checker.ts";

/**
 * The attributes of a character count its steps. Each save that was answered as saved is in the database, and
 * the stored count never goes down.
 */
export class AcknowledgedSaves implements Checker {
  readonly name = "acknowledged-saves";
  readonly #stored = new Map<number, number>();

  storedSteps(charId: number): number {
    return this.#stored.get(charId) ?? 0;
  }

  readonly rules: Rules = {
    saved: ({ charId, steps }) => {
      const before = this.storedSteps(charId);
      this.#stored.set(charId, steps);
      return steps < before ? `character ${charId} fell from ${before} stored steps to ${steps}` : null;
    },
    taken: ({ charId, steps }) => {
      const stored = this.storedSteps(charId);
      return steps === stored
        ? null
        : `character ${charId} was loaded with ${steps} steps, but ${stored} are stored`;
    },
    answered: (answered) => this.#acknowledged(answered),
    "client-left": (left) => this.#told(left),
    "client-saved": (saved) => this.#told(saved),
  };

  #told({ charId, stepsAtLeast }: FactOf<"client-left" | "client-saved">): string | null {
    const stored = this.storedSteps(charId);
    return stored >= stepsAtLeast
      ? null
      : `a client saw character ${charId} make ${stepsAtLeast} steps and was told that it is saved, but ${stored} are stored`;
  }

  #acknowledged({ refusal, request }: FactOf<"answered">): string | null {
    if (refusal !== null) return null;
    const { charId = 0 } = request;
    const attributes = request.attributes ?? request.saved?.attributes;
    if (attributes === undefined || !/^character\.(save|leave|hop)$/.test(request.type)) return null;
    const said = stepsOf({ attributes: parseAttributes(attributes) });
    const stored = this.storedSteps(charId);
    return stored >= said
      ? null
      : `${request.type} of character ${charId} with ${said} steps was acknowledged, but ${stored} are stored`;
  }
}
