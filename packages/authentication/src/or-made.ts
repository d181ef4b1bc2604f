import { Unavailable } from "@sallyport/domain";

/**
 * Changes something in a store. If the answer of the store is lost, `wasMade` reads whether the change was made:
 * then it counts as answered with `made`. Otherwise a client would be told `unavailable` of a password that is
 * set. Throws `Unavailable` if the change was not made, or if nobody can tell.
 */
export async function orMade<T>(
  change: () => Promise<T>,
  wasMade: () => Promise<boolean>,
  made: T,
): Promise<T> {
  try {
    return await change();
  } catch (error) {
    if (!(error instanceof Unavailable) || !(await wasMade())) throw error;
    return made;
  }
}
