import { type Clock, delay } from "@sallyport/clock";

type Answered = { readonly ok: boolean; readonly refusal?: string };

/**
 * Asks again while there is no answer, or a store does not answer. Null: the link was lost before there was
 * an answer.
 */
export async function insist<A extends Answered>(
  link: { readonly isOpen: boolean },
  clock: Clock,
  ask: () => Promise<A>,
): Promise<Exclude<A, { readonly refusal: "unanswered" | "unavailable" }> | null> {
  while (link.isOpen) {
    const answer = await ask();
    const isNone = answer.refusal === "unanswered" || answer.refusal === "unavailable";
    if (!isNone) return answer as Exclude<A, { readonly refusal: "unanswered" | "unavailable" }>;
    await delay(clock, retryMs);
  }
  return null;
}

const retryMs = 500;
