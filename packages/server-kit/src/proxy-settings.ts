import { BlockList, isIP } from "node:net";
import { listed, type Setting } from "./settings.ts";

/** Whether connections from this address are a proxy's. */
export type ProxyCheck = (address: string) => boolean;

/** Whoever is at one of these addresses may say to be anybody, as far as limits and logs go. Empty is null: nobody. */
export const proxiesSetting: Setting<ProxyCheck | null> = {
  variable: "PROXY_FROM",
  doc: "addresses and networks of proxies, like 127.0.0.1,10.0.0.0/8: their connections, and no others, begin with a PROXY header, version 1 or 2, and count as made from where it says; on WebSocket ports the header may be left out, and X-Forwarded-For counts as well",
  fallback: "",
  parse(text) {
    if (text === "") return { ok: true, value: null };
    const list = new BlockList();
    const areAdded = listed(text).every((each) => add(list, each));
    return areAdded
      ? { ok: true, value: (address) => list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4") }
      : { ok: false, expected: "a list of addresses and networks like 127.0.0.1,10.0.0.0/8,fd00::/8" };
  },
};

function add(list: BlockList, text: string): boolean {
  const match = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text);
  const address = match?.[1] ?? "";
  const version = isIP(address);
  const bits = version === 4 ? 32 : 128;
  const prefix = Number(match?.[2] ?? bits);
  if (version === 0 || prefix > bits) return false;
  list.addSubnet(address, prefix, version === 6 ? "ipv6" : "ipv4");
  return true;
}
