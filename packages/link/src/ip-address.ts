const mappedPrefix = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

/** The sixteen-byte form of any address: an IPv4 address as a socket for both families reports it. */
export const mapped = (bytes: readonly number[]): readonly number[] =>
  bytes.length === 4 ? [...mappedPrefix, ...bytes] : bytes;

const isMapped = (bytes: ArrayLike<number>): boolean =>
  bytes.length === 16 && mappedPrefix.every((byte, at) => bytes[at] === byte);

const dotted = /(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

/**
 * Four bytes for IPv4, even when written as IPv6; sixteen bytes for others; null if `host` is not an IP
 * address.
 */
export function ipBytes(host: string): readonly number[] | null {
  const [bare = ""] = host.toLowerCase().split("%");
  const quad = dotted.exec(bare)?.slice(1).map(Number) ?? [];
  if (quad.some((byte) => byte > 0xff)) return null;
  if (quad.length > 0 && !bare.includes(":")) return bare.replace(dotted, "") === "" ? quad : null;
  const bytes = ipv6Bytes(bare, quad);
  return bytes !== null && isMapped(bytes) ? bytes.slice(mappedPrefix.length) : bytes;
}

/** The end of the address may be written in the dotted form of IPv4. */
function ipv6Bytes(host: string, [a = 0, b = 0, c = 0, d = 0]: readonly number[]): readonly number[] | null {
  const [before = "", after, ...more] = host
    .replace(dotted, `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`)
    .split("::");
  const groups = (text = ""): string[] => (text === "" ? [] : text.split(":"));
  const [left, right] = [groups(before), groups(after)];
  const zeros = after === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const all = [...left, ...Array.from({ length: zeros }, () => "0"), ...right];
  const isAddress =
    more.length === 0 && all.length === 8 && all.every((group) => /^[0-9a-f]{1,4}$/.test(group));
  if (!isAddress) return null;
  return all.map((group) => Number.parseInt(group, 16)).flatMap((group) => [group >> 8, group & 0xff]);
}

/** Gives the same text for the same address, with all groups of IPv6 written out. */
export function ipText(bytes: ArrayLike<number>): string {
  const all = Array.from(bytes);
  if (all.length === 4 || isMapped(all)) return all.slice(-4).join(".");
  return ipGroups(all).join(":");
}

/** The groups of an IPv6 address. */
export const ipGroups = (bytes: readonly number[]): readonly string[] =>
  Array.from({ length: 8 }, (_, nth) =>
    (((bytes[2 * nth] ?? 0) << 8) | (bytes[2 * nth + 1] ?? 0)).toString(16),
  );

/** The host of `host:port`. An IPv6 host may have no brackets. */
export const hostOf = (remote: string): string => /^(.*):\d{1,5}$/.exec(remote)?.[1] ?? remote;
