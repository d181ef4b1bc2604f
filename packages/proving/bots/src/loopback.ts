import type { Connect, Transport } from "@sallyport/sdk";

/** Whether the name can only mean this machine. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^(::ffff:)?127(\.\d{1,3}){3}$/.test(host);
}

/** Checks the addresses that servers name too: no server may send the load to another machine. */
export function onlyLoopback(
  { connect, hostOf }: Pick<Transport, "connect" | "hostOf">,
  refusedHost: (host: string) => void,
): Connect {
  return async (address, withinMs) => {
    const host = hostOf(address);
    // The transport explains an address that leads nowhere.
    if (host === null || isLoopback(host)) return connect(address, withinMs);
    refusedHost(host);
    throw new Error(`${host} is another machine`);
  };
}
