const deviceCharsMax = 64;
const hardwareAddress = /^(?:[\da-f]{2}[:-]){5}[\da-f]{2}$/i;

/**
 * The id of the device of a client. Clients write hardware addresses in two ways, and a ban hits both:
 * `00:1a:…` and `00-1A-…`. Null if the client told none.
 */
export function deviceOf(mac: string): string | null {
  const device = hardwareAddress.test(mac) ? mac.toUpperCase().replaceAll(":", "-") : mac;
  return device === "" ? null : device.slice(0, deviceCharsMax);
}
