const mappedPrefix = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

/** As many bytes as any address comes to: an IPv4 one as a socket of both families has it. */
export const mapped = (bytes: readonly number[]): readonly number[] =>
  bytes.length === 4 ? [...mappedPrefix, ...bytes] : bytes;

const isMapped = (bytes: ArrayLike<number>): boolean =>
  bytes.length === 16 && mappedPrefix.every((byte, at) => bytes[at] === byte);

const dotted = /(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

/** Four bytes for IPv4, also where it is written as IPv6; sixteen for others; null where `host` is no IP address. */
export function ipBytes(host: string): readonly number[] | null {
  const [bare = ""] = host.toLowerCase().split("%");
  const quad = dotted.exec(bare)?.slice(1).map(Number) ?? [];
  if (quad.some((byte) => byte > 0xff)) return null;
  if (quad.length > 0 && !bare.includes(":")) return bare.replace(dotted, "") === "" ? quad : null;
  const bytes = ipv6Bytes(bare, quad);
  return bytes !== null && isMapped(bytes) ? bytes.slice(mappedPrefix.length) : bytes;
}

/** Its end may be written as the four bytes of a quad. */
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

/** One text for one address, with no group of IPv6 left out. */
export function ipText(bytes: ArrayLike<number>): string {
  const all = Array.from(bytes);
  if (all.length === 4 || isMapped(all)) return all.slice(-4).join(".");
  return ipGroups(all).join(":");
}

/** Of an IPv6 address. */
export const ipGroups = (bytes: readonly number[]): readonly string[] =>
  Array.from({ length: 8 }, (_, nth) =>
    (((bytes[2 * nth] ?? 0) << 8) | (bytes[2 * nth + 1] ?? 0)).toString(16),
  );

/** Of `host:port`, where the host of an IPv6 one may stand without brackets. */
export const hostOf = (remote: string): string => /^(.*):\d{1,5}$/.exec(remote)?.[1] ?? remote;
