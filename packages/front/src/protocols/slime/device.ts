const deviceCharsMax = 64;
const hardwareAddress = /^(?:[\da-f]{2}[:-]){5}[\da-f]{2}$/i;

/**
 * The id of the device of a client, at most 64 characters. Clients write a hardware address as `00:1a:…` or as
 * `00-1A-…`, and one ban has to hit both. Null if the client told none.
 */
export function deviceOf(mac: string): string | null {
  const device = hardwareAddress.test(mac) ? mac.toUpperCase().replaceAll(":", "-") : mac;
  return device === "" ? null : device.slice(0, deviceCharsMax);
}
