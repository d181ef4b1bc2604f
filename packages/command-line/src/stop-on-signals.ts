const signals = ["SIGINT", "SIGTERM"] as const;

/** The first asks for an end in good order; the next ends the process, as it does where nobody listens. */
export function stopOnSignals(): AbortSignal {
  const controller = new AbortController();
  const stop = (): void => {
    for (const signal of signals) process.off(signal, stop);
    controller.abort();
  };
  for (const signal of signals) process.on(signal, stop);
  return controller.signal;
}
