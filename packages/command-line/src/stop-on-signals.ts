const signals = ["SIGINT", "SIGTERM"] as const;

/**
 * The first signal aborts the returned signal, so that the program can end in good order. The next one ends
 * the process, because there is no listener any more.
 */
export function stopOnSignals(): AbortSignal {
  const controller = new AbortController();
  const stop = (): void => {
    for (const signal of signals) process.off(signal, stop);
    controller.abort();
  };
  for (const signal of signals) process.on(signal, stop);
  return controller.signal;
}
