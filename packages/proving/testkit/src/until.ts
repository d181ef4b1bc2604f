export interface UntilOptions {
  /** Names the condition in the error message. */
  readonly what: string;
  readonly timeoutMs?: number;
}

/**
 * Waits for a condition and resolves with its value. A condition that throws does not hold yet; the last
 * error becomes the cause. Tests wait with this and never for a length of time. The bound detects only that
 * something hangs and says nothing about speed, because other work may use the machine.
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  { what, timeoutMs = 30_000 }: UntilOptions,
): Promise<NonNullable<T>> {
  const giveUpAt = performance.now() + timeoutMs;
  let pauseMs = 1;
  let cause: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (value) return value;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (performance.now() >= giveUpAt) {
      throw new Error(`waited ${timeoutMs} ms in vain: ${what}`, cause === undefined ? {} : { cause });
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    pauseMs = Math.min(pauseMs * 2, 50);
  }
}
