import { ManualClock } from "@sallyport/testkit";
import { expect, test } from "vitest";
import { insist } from "../src/index.ts";

type Answer = { readonly ok: true } | { readonly ok: false; readonly refusal: string };

function insisting(...answers: readonly Answer[]) {
  const clock = new ManualClock();
  const link = { isOpen: true };
  const askedMs: number[] = [];
  const told: { answer: Answer | null | undefined } = { answer: undefined };
  const ask = async (): Promise<Answer> => {
    askedMs.push(clock.nowMs());
    return answers[Math.min(askedMs.length, answers.length) - 1] as Answer;
  };
  void insist(link, clock, ask).then((answer) => {
    told.answer = answer;
  });
  return { clock, link, askedMs, told };
}

const none = (refusal: string): Answer => ({ ok: false, refusal });

test("a request without an answer of a server or a store is repeated every half second until it is answered", async () => {
  const { clock, askedMs, told } = insisting(none("unanswered"), none("unavailable"), { ok: true });
  await clock.advance(999);
  expect([askedMs, told.answer]).toEqual([[0, 500], undefined]);
  await clock.advance(1);
  expect([askedMs, told.answer]).toEqual([[0, 500, 1_000], { ok: true }]);
});

test("any other refusal is an answer", async () => {
  const { clock, askedMs, told } = insisting(none("world-taken"));
  await clock.advance(5_000);
  expect([askedMs, told.answer]).toEqual([[0], none("world-taken")]);
});

test("no request is repeated over a lost link", async () => {
  const { clock, link, askedMs, told } = insisting(none("unavailable"));
  await clock.advance(0);
  link.isOpen = false;
  await clock.advance(5_000);
  expect([askedMs, told.answer]).toEqual([[0], null]);
});
