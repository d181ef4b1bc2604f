import { WireError } from "@sallyport/wire";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeProxyHeader, type Proxied, readProxyHeader } from "../src/addresses/index.ts";

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex"));

/** Reads a header piece by piece, as a server does. Returns the address in it, and the bytes after it. */
function read(
  said: Uint8Array,
): { readonly told: Proxied | null; readonly rest: Uint8Array } | "other" | "part" {
  let taken = 0;
  for (;;) {
    const found = readProxyHeader(said.subarray(0, taken));
    if (found.is === "header") return { told: found.told, rest: said.subarray(taken) };
    if (found.is === "other") return "other";
    if (taken + found.missing > said.length) return "part";
    taken += found.missing;
  }
}

function parse(header: Uint8Array): Proxied | null {
  const found = read(header);
  if (typeof found === "string") throw new Error(`no header: ${found}`);
  expect(found.rest).toHaveLength(0);
  return found.told;
}
const line = (text: string): Uint8Array => new TextEncoder().encode(text);

const signature = "0d0a0d0a000d0a515549540a";
const ipv4: Proxied = {
  source: { host: "192.168.0.1", port: 56_324 },
  destination: { host: "10.1.2.3", port: 443 },
};
const golden: readonly (readonly [string, Proxied, string])[] = [
  ["IPv4", ipv4, `${signature} 21 11 000c c0a80001 0a010203 dc04 01bb`],
  [
    "IPv6",
    { source: { host: "2001:db8:0:0:0:0:0:1", port: 1 }, destination: { host: "0:0:0:0:0:0:0:1", port: 2 } },
    `${signature} 21 21 0024 20010db8000000000000000000000001 00000000000000000000000000000001 0001 0002`,
  ],
];

describe("a PROXY header", () => {
  test.each(golden)("for %s has the bytes of the specification, and is read from them", (_, told, hex) => {
    expect(Buffer.from(encodeProxyHeader(told)).toString("hex")).toBe(hex.replaceAll(" ", ""));
    expect(parse(bytes(hex))).toEqual(told);
  });

  test("names an IPv4 address in one way, even if a dual-stack socket wrote it", () => {
    const source = { host: "::ffff:192.168.0.1", port: 56_324 };
    expect(encodeProxyHeader({ ...ipv4, source })).toEqual(encodeProxyHeader(ipv4));
  });

  test("with both families is one of IPv6, and the IPv4 address in it is recognised", () => {
    const destination = { host: "fe80::1%eth0", port: 9 };
    const header = encodeProxyHeader({ ...ipv4, destination });
    expect(header[13]).toBe(0x21);
    expect(parse(header)).toEqual({
      source: ipv4.source,
      destination: { host: "fe80:0:0:0:0:0:0:1", port: 9 },
    });
  });

  test("is not created for a text that is no address", () => {
    for (const host of ["", "localhost", "1.2.3", "1.2.3.256", "1::2::3", ":::", "1:2", "g::"])
      expect(() => encodeProxyHeader({ ...ipv4, source: { host, port: 1 } }), host).toThrow(RangeError);
  });

  test("may have further fields, which are ignored", () => {
    expect(parse(bytes(`${signature} 21 11 0011 c0a80001 0a010203 dc04 01bb 04 0002 beef`))).toEqual(ipv4);
  });

  test.each([
    ["of the proxy's own connection", `${signature} 20 00 0000`],
    ["of an unspecified family", `${signature} 21 00 0003 040000`],
    ["of datagrams", `${signature} 21 12 000c c0a80001 0a010203 dc04 01bb`],
    ["of a Unix socket", `${signature} 21 31 0002 0000`],
  ])("%s gives no address", (_, hex) => {
    expect(parse(bytes(hex))).toBeNull();
  });

  test.each([
    ["another version", `${signature} 31 11 000c c0a80001 0a010203 dc04 01bb`],
    ["an unknown command", `${signature} 22 11 000c c0a80001 0a010203 dc04 01bb`],
    ["an unknown family", `${signature} 21 41 000c c0a80001 0a010203 dc04 01bb`],
    ["an unknown transport", `${signature} 21 13 000c c0a80001 0a010203 dc04 01bb`],
    ["fewer bytes than its addresses", `${signature} 21 21 000c c0a80001 0a010203 dc04 01bb`],
  ])("with %s is nonsense", (_, hex) => {
    expect(() => parse(bytes(hex))).toThrow(WireError);
  });

  test("that claims to be too long is nonsense before the rest arrives", () => {
    expect(() => read(bytes(`${signature} 21 11 0401`))).toThrow("longer than allowed");
  });

  test.each([
    ["PROXY TCP4 192.168.0.1 10.1.2.3 56324 443\r\n", ipv4],
    [
      "PROXY TCP6 2001:db8::1 ::1 1 2\r\n",
      {
        source: { host: "2001:db8:0:0:0:0:0:1", port: 1 },
        destination: { host: "0:0:0:0:0:0:0:1", port: 2 },
      },
    ],
    ["PROXY UNKNOWN\r\n", null],
    ["PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n", null],
  ])("of version 1 is read: %j", (text, told) => {
    expect(read(line(`${text}GET /`))).toEqual({ told, rest: line("GET /") });
    expect(read(line(text.slice(0, -1)))).toBe("part");
  });

  test.each([
    "PROXY TCP4 192.168.0.1 10.1.2.3 56324\r\n",
    "PROXY TCP4 192.168.0.1 10.1.2.3 56324 65536\r\n",
    "PROXY TCP4 192.168.0.256 10.1.2.3 56324 443\r\n",
    "PROXY TCP4 2001:db8::1 ::1 1 2\r\n",
    "PROXY TCP6 192.168.0.1 10.1.2.3 1 2\r\n",
    "PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n",
    "PROXY UDP4 192.168.0.1 10.1.2.3 1 2\r\n",
    "PROXY TCP4 192.168.0.1 10.1.2.3 56324 443\n",
    "PROXY TCP4  192.168.0.1 10.1.2.3 56324 443\r\n",
    "PROXY \r\n",
    `PROXY UNKNOWN ${"x".repeat(100)}\r\n`,
  ])("of version 1 that is malformed is nonsense: %j", (text) => {
    expect(() => read(line(text))).toThrow(WireError);
  });

  test.each(["GET / HTTP/1.1\r\n", "PROXYING", "\r\n\r\n", "\x16\x03\x01", "\r\n\r\n\0\r\nQUIT\r"])(
    "is not seen in other bytes: %j",
    (text) => {
      expect(read(line(text))).toBe(text === "\r\n\r\n" ? "part" : "other");
    },
  );

  test("is read as it was written, for any addresses", () => {
    const endpoint = fc.record({
      host: fc.oneof(fc.ipV4(), fc.ipV6()),
      port: fc.integer({ min: 0, max: 0xffff }),
    });
    fc.assert(
      fc.property(endpoint, endpoint, (source, destination) => {
        const header = encodeProxyHeader({ source, destination });
        const again = parse(header);
        expect(again).not.toBeNull();
        expect(again && encodeProxyHeader(again)).toEqual(header);
        expect(again?.source.port).toBe(source.port);
      }),
    );
  });
});
