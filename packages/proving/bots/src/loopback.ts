import type { Connect, Transport } from "@sallyport/sdk";

/** Whether this name or address always means this machine. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^(::ffff:)?127(\.\d{1,3}){3}$/.test(host);
}

/** Refuses every connection to another machine, even if a server sends the bots there. */
export function onlyLoopback(
  { connect, hostOf }: Pick<Transport, "connect" | "hostOf">,
  refusedHost: (host: string) => void,
): Connect {
  return async (address, withinMs) => {
    const host = hostOf(address);
    // For an address without a host, the error of the transport explains the mistake.
    if (host === null || isLoopback(host)) return connect(address, withinMs);
    refusedHost(host);
    throw new Error(`${host} is another machine`);
  };
}
