import type { TakeRefusal } from "../definition/actor-definition.ts";
import type { PurchaseRefusal } from "../definition/definition.ts";
import type { Effect } from "./effect.ts";

/** What the client is answered, and what happens. */
export interface Answered<Refusal> {
  readonly answer: { readonly ok: true } | ({ readonly ok: false } & Refusal);
  readonly effects: readonly Effect[];
}

/** A handler failed. The effects hold the fault, and nothing else happened. */
interface Failed {
  readonly refusal: "failed";
}
interface Word<W extends string> {
  readonly refusal: W;
}

export type CommandAnswer = Answered<
  | Word<"unknown-command">
  /** `problem` is for the log of a developer. It can hold parts of what the client sent. */
  | { readonly refusal: "invalid"; readonly problem: string }
  | { readonly refusal: "refused"; readonly word: string }
  | Failed
>;
export type ClickAnswer = Answered<Word<"no-such-actor" | "too-far"> | Failed>;
export type DialogueAnswered = Answered<Word<"no-dialogue"> | Failed>;
export type TakeAnswer = Answered<Word<"no-such-actor" | "too-far" | TakeRefusal> | Failed>;
export type BuyAnswer = Answered<Word<"no-shop" | PurchaseRefusal> | Failed>;

export const done = (effects: readonly Effect[] = []) => ({ answer: { ok: true }, effects }) as const;
export const no = <R extends string>(refusal: R) =>
  ({ answer: { ok: false, refusal }, effects: [] }) as const;
export const failed = (effects: readonly Effect[]) =>
  ({ answer: { ok: false, refusal: "failed" }, effects }) as const;
