/** So many looks in a row at the same call mean that it is stuck. */
export const looksMax = 20;

/**
 * Finds a call that does not end. It counts looks and reads no clock, because a pause of the whole process is
 * also a pause between two looks.
 */
export class StuckCalls {
  #call = 0;
  #looks = 0;

  /** `call` is the number of the call that runs, or 0. Returns true if it is stuck. */
  look(call: number): boolean {
    this.#looks = call !== 0 && call === this.#call ? this.#looks + 1 : 0;
    this.#call = call;
    return this.#looks >= looksMax;
  }
}
