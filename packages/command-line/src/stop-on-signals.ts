const signals = ["SIGINT", "SIGTERM"] as const;

/**
 * The first SIGINT or SIGTERM aborts the returned signal, so that the program can end cleanly. The next such
 * signal ends the process at once, because nothing handles it any more.
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
