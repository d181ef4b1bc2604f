import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { forwardedFor } from "../src/websocket/forwarded-for.ts";

const proxies = new Set(["10.0.0.1", "10.0.0.2", "fd00:0:0:0:0:0:0:1"]);
const isProxy = (address: string): boolean => proxies.has(address);
const behind = (list: string | readonly string[] | undefined, remote = "10.0.0.1:9"): string =>
  forwardedFor(list, remote, isProxy);

describe("X-Forwarded-For", () => {
  test.each([
    ["203.0.113.7", "203.0.113.7:0"],
    [" 203.0.113.7 ", "203.0.113.7:0"],
    ["203.0.113.7:4711", "203.0.113.7:4711"],
    ["2001:db8::7", "2001:db8:0:0:0:0:0:7:0"],
    ["[2001:db8::7]", "2001:db8:0:0:0:0:0:7:0"],
    ["[2001:db8::7]:4711", "2001:db8:0:0:0:0:0:7:4711"],
    ["::ffff:203.0.113.7", "203.0.113.7:0"],
    ["203.0.113.7, 10.0.0.2", "203.0.113.7:0"],
    ["203.0.113.7, fd00::1, 10.0.0.2", "203.0.113.7:0"],
    ["10.0.0.2", "10.0.0.2:0"],
  ])("from a proxy, %s, names %s", (list, who) => {
    expect(behind(list)).toBe(who);
  });

  test.each([undefined, "", "unknown", "_hidden", "203.0.113.7,", "203.0.113.7:99999", "1.2.3.4.5", "a, b"])(
    "from a proxy without an address, %s, leaves the proxy's",
    (list) => {
      expect(behind(list)).toBe("10.0.0.1:9");
    },
  );

  test("in several headers counts as one list", () => {
    expect(behind(["192.0.2.1", "203.0.113.7, 10.0.0.2"])).toBe("203.0.113.7:0");
  });

  test("ignores addresses that a client wrote itself, with and without a proxy", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.ipV4(), fc.ipV6()), (written) => {
        expect(behind(`${written}, 203.0.113.7, 10.0.0.2`)).toBe("203.0.113.7:0");
        expect(behind(written, "203.0.113.7:9")).toBe("203.0.113.7:9");
      }),
    );
  });
});
