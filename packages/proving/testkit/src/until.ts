export interface UntilOptions {
  /** Names the condition in the error message. */
  readonly what: string;
  readonly timeoutMs?: number;
}

/**
 * Waits until a condition returns a truthy value, and resolves to that value. If the condition throws, it is
 * tried again. If the time ends, the last error becomes the cause of the rejection. Tests wait with this
 * function and never for a fixed time. The time limit only detects that something hangs. It says nothing
 * about speed, because other programs may use the machine.
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  { what, timeoutMs = 60_000 }: UntilOptions,
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
