import { expect, test } from "vitest";
import { addressOf } from "../src/addresses/client-address.ts";

test("an IPv4 address is one address with any port and in any spelling", () => {
  for (const remote of ["192.0.2.7:1", "192.0.2.7:65535", "::ffff:192.0.2.7:1", "::FFFF:192.0.2.7:2"]) {
    expect(addressOf(remote)).toBe("192.0.2.7");
  }
});

test("all IPv6 addresses with the same first half are one address", () => {
  const same = ["2001:db8:0:7::1:50000", "2001:DB8::7:0:0:0:9:50001", "2001:0db8:0000:0007:ffff:0:0:1:4"];
  expect(new Set(same.map(addressOf))).toEqual(new Set(["2001:db8:0:7::/64"]));
  expect(addressOf("2001:db8:0:8::1:50000")).toBe("2001:db8:0:8::/64");
  expect(addressOf("::1:50000")).toBe("0:0:0:0::/64");
  expect(addressOf("fe80::1%eth0:50000")).toBe("fe80:0:0:0::/64");
});

test("a text that is no address stands for itself", () => {
  expect(addressOf("in memory")).toBe("in memory");
  expect(addressOf("client")).toBe("client");
});
