import { expect, test } from "vitest";
import { hostAndPort, ipAddress, ipText } from "../src/addresses/ip-address.ts";

const textOf = (host: string): string | null => {
  const address = ipAddress(host);
  return address === null ? null : ipText(address);
};

test.each([
  ["192.0.2.7", "192.0.2.7"],
  ["::ffff:192.0.2.7", "192.0.2.7"],
  ["::FFFF:c000:207", "192.0.2.7"],
  ["::192.0.2.7", "0:0:0:0:0:0:c000:207"],
  ["64:ff9b::192.0.2.7", "64:ff9b:0:0:0:0:c000:207"],
  ["fe80::1%eth0", "fe80:0:0:0:0:0:0:1"],
])("the address %s is %s", (host, text) => {
  expect(textOf(host)).toBe(text);
});

test.each([
  ["an octal number", "010.0.0.1"],
  ["a hexadecimal number", "0x7f.0.0.1"],
  ["fewer numbers than four", "10.1"],
  ["a single number", "2130706433"],
  ["a hexadecimal digit before the IPv4 part", "::ffff:a10.0.0.1"],
])("text with %s is no address: %s", (_, host) => {
  expect(textOf(host)).toBeNull();
});

test.each(["192.0.2.7", "play.example.org", "::1"])("a URL names the host %s and its port", (host) => {
  const { hostname, port } = new URL(`tcp://${hostAndPort({ host, port: 7_100 })}`);
  expect([hostname.replace(/^\[(.*)\]$/, "$1"), port]).toEqual([host, "7100"]);
});
