import type { FaultChange } from "../history/fact.ts";

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A fault that is not over has no span. */
export function spansOf(faults: readonly FaultChange[]): Span[] {
  const begun = new Map<string, number>();
  return faults.flatMap(({ what, change, atMs }) => {
    if (change === "begins") begun.set(what, atMs);
    const fromMs = begun.get(what);
    return change === "ends" && fromMs !== undefined ? [{ fromMs, toMs: atMs }] : [];
  });
}

const overlapMs = (a: Span, b: Span): number =>
  Math.max(0, Math.min(a.toMs, b.toMs) - Math.max(a.fromMs, b.fromMs));

/** Milliseconds of `span` that at least one of the spans in `by` covers. */
export function coveredMs(span: Span, by: readonly Span[]): number {
  const parts = by.filter((each) => overlapMs(span, each) > 0).sort((a, b) => a.fromMs - b.fromMs);
  let covered = 0;
  let uptoMs = span.fromMs;
  for (const { fromMs, toMs } of parts) {
    covered += overlapMs({ fromMs: Math.max(uptoMs, fromMs), toMs }, span);
    uptoMs = Math.max(uptoMs, toMs);
  }
  return covered;
}
