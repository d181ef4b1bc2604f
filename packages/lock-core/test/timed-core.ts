import type { AtStore, Decided, NewDeadline } from "../src/index.ts";

/*
 * A store keeps the deadline of a lock beside the lock, and compares it with its own clock. These tests keep
 * the deadline in the lock, as `deadlineMs`, and compare it in the same way.
 */

export type Timed<Lock> = Lock & { readonly deadlineMs?: number };

type TimedDecision<Lock, Effect, Refusal> =
  | { readonly ok: true; readonly next: Timed<Lock>; readonly effects: readonly Effect[] }
  | { readonly ok: false; readonly refusal: Refusal };

export const timed =
  <Lock extends object, Command, Effect, Refusal>(
    decide: (lock: Lock, command: Command, at: AtStore) => Decided<Lock, Effect, Refusal>,
  ) =>
  (
    lock: Timed<Lock>,
    command: Command,
    { nowMs, isRestoring = false }: Pick<AtStore, "nowMs"> & Partial<AtStore>,
  ): TimedDecision<Lock, Effect, Refusal> => {
    const { deadlineMs, ...plain } = lock;
    const decided = decide(plain as unknown as Lock, command, { nowMs, isRestoring });
    if (!decided.ok) return decided;
    const { next, effects, deadline, when } = decided;
    const isDue = deadlineMs !== undefined && nowMs >= deadlineMs;
    if (when !== undefined && isDue !== (when.is === "due")) return { ok: false, refusal: when.otherwise };
    const isSame = (next as unknown) === plain && deadline === "keep";
    if (isSame) return { ok: true, next: lock, effects };
    const atMs = deadlineAfter(deadline, deadlineMs, nowMs);
    return { ok: true, next: atMs === undefined ? next : { ...next, deadlineMs: atMs }, effects };
  };

function deadlineAfter(deadline: NewDeadline, before: number | undefined, nowMs: number): number | undefined {
  if (deadline === "none") return undefined;
  if (deadline === "keep") return before;
  return "inMs" in deadline ? nowMs + deadline.inMs : deadline.atMs;
}

export const deadlineOf = ({ deadlineMs }: { readonly deadlineMs?: number }): number | null =>
  deadlineMs ?? null;
