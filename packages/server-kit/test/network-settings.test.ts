import { expect, test } from "vitest";
import { type ProxyCheck, proxiesSetting, readSettings, SettingsInvalid } from "../src/index.ts";

const read = (text: string): ProxyCheck | null =>
  readSettings({ proxies: proxiesSetting }, { PROXY_FROM: text }).proxies;

test("no address is a proxy unless it is named", () => {
  expect(read("")).toBeNull();
});

test("addresses and networks can be named, IPv4 also in the spelling of a dual-stack socket", () => {
  const isProxy = read("127.0.0.1, 10.0.0.0/8,fd00::/8,");
  const are = (addresses: readonly string[]) => addresses.map((address) => isProxy?.(address));
  expect(are(["127.0.0.1", "::ffff:127.0.0.1", "10.9.8.7", "fd00::7"])).toEqual([true, true, true, true]);
  expect(are(["127.0.0.2", "11.0.0.1", "fe80::1", "", "?"])).toEqual([false, false, false, false, false]);
});

test.each(["localhost", "10.0.0.0/33", "10.0.0.0/x", "fd00::/129", "10.0.0.1,,10.0.0.2", "/8"])(
  "%s is refused",
  (text) => {
    expect(() => read(text)).toThrow(SettingsInvalid);
  },
);
