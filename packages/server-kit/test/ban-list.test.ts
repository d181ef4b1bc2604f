import type { NetworkBan } from "@sallyport/domain";
import { expect, test } from "vitest";
import { BanList, isWideNetwork } from "../src/index.ts";

const nowMs = 1_000_000;
let made = 0;
function ban(of: Partial<NetworkBan>): NetworkBan {
  made += 1;
  return { id: made, network: null, device: null, untilMs: null, text: null, isLifted: false, ...of };
}

function listOf(...bans: NetworkBan[]) {
  let now = nowMs;
  const list = new BanList(() => now);
  list.learn(bans);
  return { list, pass: (ms: number) => void (now += ms) };
}

test.each([
  ["192.0.2.0/24", "192.0.2.7:5000", true],
  ["192.0.2.0/24", "192.0.3.7:5000", false],
  ["192.0.2.0/24", "::ffff:192.0.2.7:5000", true],
  ["192.0.2.7/32", "192.0.2.7:5000", true],
  ["192.0.2.7", "192.0.2.7:5000", true],
  ["192.0.2.7/32", "192.0.2.8:5000", false],
  ["2001:db8::/32", "2001:db8:1::7:5000", true],
  ["2001:db8::/32", "2001:db9::7:5000", false],
  ["::ffff:192.0.2.7/128", "192.0.2.7:5000", true],
  ["::ffff:192.0.2.7/128", "192.0.2.8:5000", false],
  ["::ffff:192.0.2.0/120", "::ffff:192.0.2.7:5000", true],
  ["192.0.2.0/33", "192.0.2.7:5000", false],
  ["0.0.0.0/0", "192.0.2.7:5000", true],
  ["0.0.0.0/0", "2001:db8::7:5000", false],
  ["0.0.0.0/0", "client:1", false],
  ["not a network", "192.0.2.7:5000", false],
])("a ban of %s: whether it holds for %s is %s", (network, remote, isBanned) => {
  const { list } = listOf(ban({ network }));
  expect(list.ofAddress(remote) !== null).toBe(isBanned);
});

test("of several bans, the one of the smallest network counts", () => {
  const [wide, near] = [ban({ network: "192.0.0.0/16" }), ban({ network: "192.0.2.0/24" })];
  expect(listOf(wide, near).list.ofAddress("192.0.2.7:1")).toBe(near);
});

test("a device is banned by its whole id, and a client without one never is", () => {
  const of = ban({ device: "mac-1" });
  const { list } = listOf(of);
  expect(list.ofDevice("mac-1")).toBe(of);
  expect(list.ofDevice("mac-10")).toBeNull();
  expect(list.ofDevice(null)).toBeNull();
});

test("a ban ends at its time, or when it is lifted, and another one of the same network holds on", () => {
  const network = "192.0.2.0/24";
  const short = ban({ network, untilMs: nowMs + 10 });
  const endless = ban({ network });
  const { list, pass } = listOf(short);
  expect(list.ofAddress("192.0.2.7:1")).toBe(short);
  pass(10);
  expect(list.ofAddress("192.0.2.7:1")).toBeNull();
  list.learn([endless]);
  expect(list.all).toEqual([endless]);
  expect(list.ofAddress("192.0.2.7:1")).toBe(endless);
  list.learn([{ ...endless, isLifted: true }]);
  expect(list.ofAddress("192.0.2.7:1")).toBeNull();
});

test("bans that a new list does not have are forgotten", () => {
  const { list } = listOf(ban({ network: "192.0.2.0/24" }));
  list.replace([ban({ network: "198.51.100.0/24" })]);
  expect(list.ofAddress("192.0.2.7:1")).toBeNull();
  expect(list.ofAddress("198.51.100.7:1")).not.toBeNull();
});

test.each([
  ["192.0.2.7", false],
  ["10.1.0.0/16", false],
  ["10.0.0.0/15", true],
  ["0.0.0.0/0", true],
  ["::ffff:10.1.0.0/112", false],
  ["::ffff:10.0.0.0/111", true],
  ["2001:db8::7", false],
  ["2001:db8::/32", false],
  ["2001:d00::/24", true],
  ["::/0", true],
  // All IPv4 addresses are in it.
  ["::/64", true],
  ["10.0.0.0/33", null],
  ["somewhere", null],
])("whether %s is a wide network is %s", (text, isWide) => {
  expect(isWideNetwork(text)).toBe(isWide);
});
