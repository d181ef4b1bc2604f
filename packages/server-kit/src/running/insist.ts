import { type Clock, retry } from "@sallyport/clock";

type Answered = { readonly ok: boolean; readonly refusal?: string };

/**
 * Repeats `ask` after the refusals `unanswered` and `unavailable`. Resolves to null if the link closed before
 * any other answer arrived.
 */
export async function insist<A extends Answered>(
  link: { readonly isOpen: boolean },
  clock: Clock,
  ask: () => Promise<A>,
): Promise<Exclude<A, { readonly refusal: "unanswered" | "unavailable" }> | null> {
  const askIfOpen = async () => (link.isOpen ? ask() : null);
  const answer = await retry(clock, askIfOpen, (answer) => (isNone(answer) ? retryMs : null));
  return answer as Exclude<A, { readonly refusal: "unanswered" | "unavailable" }> | null;
}

const isNone = (answer: Answered | null): boolean =>
  answer?.refusal === "unanswered" || answer?.refusal === "unavailable";

const retryMs = 500;
