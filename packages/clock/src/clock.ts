/** Measures durations on this machine. The time is monotonic: a jump of the wall clock has no effect. */
export interface Clock {
  /** The time since an arbitrary moment, in milliseconds. */
  nowMs(): number;
  /** Calls `run` after each period. Returns a function that stops the timer. */
  every(periodMs: number, run: () => void): () => void;
  /** Calls `run` once. Returns a function that stops the timer. */
  after(delayMs: number, run: () => void): () => void;
}

declare const performance: { now(): number };
declare function setInterval(run: () => void, ms: number): unknown;
declare function clearInterval(timer: unknown): void;
declare function setTimeout(run: () => void, ms: number): unknown;
declare function clearTimeout(timer: unknown): void;

/** About 25 days. Node's timers treat a longer time as 1 ms. */
const timerMsMax = 0x7fff_ffff;

/** The clock of the machine. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  every(periodMs, run) {
    const timer = setInterval(run, Math.min(periodMs, timerMsMax));
    return () => clearInterval(timer);
  },
  after(delayMs, run) {
    const timer = setTimeout(run, Math.min(delayMs, timerMsMax));
    return () => clearTimeout(timer);
  },
};

/** Resolves after `delayMs` milliseconds of the clock. */
export const delay = (clock: Clock, delayMs: number): Promise<void> =>
  new Promise((resolve) => {
    clock.after(delayMs, resolve);
  });
