import { accepted, type Outcome, Unavailable } from "@sallyport/domain";

/**
 * Changes something in a store. If the answer of the store is lost, `made` reads what the change did, or null if
 * it was not made. Otherwise a client would be told `unavailable` of a password that is set. Throws `Unavailable`
 * if the change was not made, or if nobody can tell.
 */
export async function orMade<T, Code extends string>(
  change: () => Promise<Outcome<T, Code>>,
  made: () => Promise<T | null>,
): Promise<Outcome<T, Code>> {
  try {
    return await change();
  } catch (error) {
    const value = error instanceof Unavailable ? await made() : null;
    if (value === null) throw error;
    return accepted(value);
  }
}
