import type { Connect, Transport } from "@sallyport/sdk";

/** Whether this name can only mean the machine it is said on. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^(::ffff:)?127(\.\d{1,3}){3}$/.test(host);
}

/** Also for the addresses that servers name: a load test must not be sent on to somebody else. */
export function onlyLoopback(
  { connect, hostOf }: Pick<Transport, "connect" | "hostOf">,
  refusedHost: (host: string) => void,
): Connect {
  return async (address, withinMs) => {
    const host = hostOf(address);
    // Nowhere is for the transport to explain.
    if (host === null || isLoopback(host)) return connect(address, withinMs);
    refusedHost(host);
    throw new Error(`${host} is another machine`);
  };
}
