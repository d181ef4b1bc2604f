/** Durations on this machine. Monotonic: a jump of the wall clock does not show. */
export interface Clock {
  nowMs(): number;
  /** Returns what stops it. */
  every(periodMs: number, run: () => void): () => void;
  after(delayMs: number, run: () => void): () => void;
}

declare const performance: { now(): number };
declare function setInterval(run: () => void, ms: number): unknown;
declare function clearInterval(timer: unknown): void;
declare function setTimeout(run: () => void, ms: number): unknown;
declare function clearTimeout(timer: unknown): void;

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  every(periodMs, run) {
    const timer = setInterval(run, periodMs);
    return () => clearInterval(timer);
  },
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Resolves after `delayMs`, for back-off and retry. */
export const delay = (clock: Clock, delayMs: number): Promise<void> =>
  new Promise((resolve) => {
    clock.after(delayMs, resolve);
  });
