import { type Clock, retry } from "@sallyport/clock";

type Answered = { readonly ok: boolean; readonly refusal?: string };

/**
 * Repeats `ask` while its answer is `unanswered` or `unavailable`. Resolves to null if the link closes before
 * a different answer arrives.
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
