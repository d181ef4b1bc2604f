import type { Connect, Transport } from "@sallyport/sdk";

export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^(::ffff:)?127(\.\d{1,3}){3}$/.test(host);
}

/** Refuses every connection to another machine, even if a server sends the bots there. */
export function onlyLoopback(
  { connect, hostOf }: Pick<Transport, "connect" | "hostOf">,
  refusedHost: (host: string) => void,
): Connect {
  return async (address, withinMs, door) => {
    const host = hostOf(address);
    // If the address has no host, the transport rejects with an error that explains why.
    if (host === null || isLoopback(host)) return connect(address, withinMs, door);
    refusedHost(host);
    throw new Error(`${host} is another machine`);
  };
}
