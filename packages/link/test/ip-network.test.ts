import { BlockList, isIPv6 } from "node:net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ipAddress, ipNetwork, isInNetwork, nearestOf } from "../src/addresses/index.ts";

describe("a network", () => {
  test("contains the addresses that begin as it does, like Node's own check", () => {
    const v4 = fc.tuple(fc.ipV4(), fc.nat(32), fc.ipV4());
    const v6 = fc.tuple(fc.ipV6(), fc.nat(128), fc.ipV6());
    fc.assert(
      fc.property(fc.oneof(v4, v6), fc.boolean(), ([base, bits, other], isNear) => {
        const family = isIPv6(base) ? "ipv6" : "ipv4";
        const address = isNear ? base : other;
        const list = new BlockList();
        list.addSubnet(base, bits, family);
        const network = ipNetwork(`${base}/${bits}`);
        const found = ipAddress(address);
        expect(network && found && isInNetwork(network, found)).toBe(list.check(address, family));
      }),
    );
  });

  test("of IPv4 also contains its addresses in the spelling of a dual-stack socket", () => {
    const network = ipNetwork("192.168.0.0/16");
    const address = ipAddress("::ffff:192.168.9.9");
    expect(network && address && isInNetwork(network, address)).toBe(true);
    expect(ipNetwork("::ffff:192.168.0.0/112")).toEqual(network);
    expect(ipNetwork("192.168.1.7")).toEqual(ipNetwork("192.168.1.7/32"));
  });

  test.each(["", "lan", "10.0.0.0/33", "fd00::/129", "10.0.0.0/", "10.0.0/8", "/8", "fe80::1%eth0/64"])(
    "is not %j",
    (text) => {
      expect(ipNetwork(text)).toBeNull();
    },
  );
});

describe("among several networks,", () => {
  const all = ["10.0.0.0/8", "nonsense", "10.1.0.0/16", "fd00::/8"].map((network) => ({ network }));
  test.each([
    ["10.1.2.3", "10.1.0.0/16"],
    ["::ffff:10.1.2.3", "10.1.0.0/16"],
    ["10.2.2.3", "10.0.0.0/8"],
    ["fd00::1", "fd00::/8"],
    ["11.0.0.1", undefined],
    ["fe80::1", undefined],
    ["in memory", undefined],
    ["?", undefined],
  ])("%s belongs to %s, the smallest that contains it", (host, network) => {
    expect(nearestOf(all, host)?.network).toBe(network);
  });
});
