/**
 * The store did not answer, or answered that it cannot serve now. Whether a change was made is unknown: whoever
 * asked reads again before it acts.
 */
export class StoreUnavailable extends Error {
  override readonly name: string = "StoreUnavailable";
}
