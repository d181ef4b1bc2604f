import type { Call, Stood } from "../history/fact.ts";
import type { Checker, Violation } from "./check.ts";
import { coveredMs, spansOf } from "./spans.ts";

/* These checks judge what the clients saw. */

/**
 * An answer may take this many milliseconds, not counting the time of faults. The slowest answer is the one
 * to a login that waits until an older client has left. A client of a front asks for several things at once, and
 * each may take that long.
 */
const answerMsMax = 20_000;

export const everyQuestionIsAnswered: Checker = (history) => {
  const name = `every question is answered, or its connection closed, within ${answerMsMax / 1_000} s and the faults meanwhile`;
  const faults = spansOf(history.of("fault"));
  const calls = history.of("call");
  const violations = calls.flatMap((call: Call): Violation[] => {
    const span = { fromMs: call.askedMs, toMs: call.atMs };
    const tookMs = span.toMs - span.fromMs;
    const withinMs = answerMsMax * call.parts + coveredMs(span, faults);
    if (call.answer !== "unanswered" && tookMs <= withinMs) return [];
    const what = `${call.call} ${call.detail} by ${call.protocol} took ${Math.round(tookMs)} ms: ${call.answer}`;
    return [{ check: name, what, about: { account: call.account }, ...span }];
  });
  return { name, saw: calls.length, violations };
};

/**
 * If a server told a player that its character is saved, the next list must show the character at the place
 * where the player left it.
 */
export const playersAreWhereTheyLeft: Checker = (history) => {
  const name = "a player that left in good order is where it stood";
  const last = new Map<string, Stood>();
  const found = history.of("stood").flatMap((stood): (readonly [Stood, Stood])[] => {
    const before = last.get(stood.account);
    last.set(stood.account, stood);
    return before?.when === "left" && stood.when === "listed" ? [[before, stood]] : [];
  });
  const violations = found
    .filter(([left, listed]) => left.place !== listed.place)
    .map(([left, listed]): Violation => {
      const what = `left at ${left.place}, and is at ${listed.place}`;
      return { check: name, what, about: { account: left.account }, fromMs: left.atMs, toMs: listed.atMs };
    });
  return { name, saw: found.length, violations };
};
