import type { Connect } from "@sallyport/sdk";

/** Whether this name can only mean the machine it is said on. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^(::ffff:)?127(\.\d{1,3}){3}$/.test(host);
}

/** Also for the addresses that servers name: a load test must not be sent on to somebody else. */
export function onlyLoopback(connect: Connect, refusedHost: (host: string) => void): Connect {
  return async (address, withinMs) => {
    if (isLoopback(address.host)) return connect(address, withinMs);
    refusedHost(address.host);
    throw new Error(`${address.host} is another machine`);
  };
}
