/**
 * What counts as one address where clients are counted by it: an IPv4 address, or the first half of an IPv6 one, of
 * which a single customer usually has the whole other half. `remote` is host:port.
 */
export function addressOf(remote: string): string {
  const host = /^(.*):\d{1,5}$/.exec(remote)?.[1] ?? remote;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(host)?.[1];
  if (mapped !== undefined) return mapped;
  return host.includes(":") ? `${firstHalf(host)}::/64` : host;
}

function firstHalf(host: string): string {
  const [bare = ""] = host.toLowerCase().split("%");
  const [before = "", after = ""] = bare.split("::");
  const left = before === "" ? [] : before.split(":");
  const right = after === "" ? [] : after.split(":");
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => "0");
  return [...left, ...zeros, ...right]
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":");
}
