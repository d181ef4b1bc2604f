import { describe, expect, test } from "vitest";
import { refuseWeakPasswords, weaknessOf } from "../src/links/link-password.ts";
import { SettingsInvalid } from "../src/settings/settings.ts";

const strong = "5f2c1e9b7a3d4c6e8f0a1b2c";
const refuse = (host: string, ...passwords: string[]) =>
  refuseWeakPasswords({
    host,
    hostVariable: "LOGIN_LINK_HOST",
    passwords: passwords.map(
      (password, index) => [`CHAR_SERVERS: the password of ${index}`, password] as const,
    ),
  });

describe("a link password", () => {
  test.each([
    "",
    "secret",
    "SECRET",
    "long-random-password",
    "changemechangeme",
    "short-but-odd",
    "aaaaaaaaaaaaaaaaaaaa",
    "abababababababababab",
  ])("%j is weak", (password) => expect(weaknessOf(password)).not.toBe(null));

  test("of random digits is not weak", () => {
    expect(weaknessOf(strong)).toBe(null);
  });
});

describe("a server whose link port others can reach", () => {
  test.each(["0.0.0.0", "::", "192.0.2.1", "login.example.org"])("on %s refuses weak passwords", (host) => {
    expect(() => refuse(host, strong)).not.toThrow();
    expect(() => refuse(host, strong, "secret")).toThrow(SettingsInvalid);
  });

  test("names each weak password with the reason and the remedy, and shows none", () => {
    let problems: readonly string[] = [];
    try {
      refuse("0.0.0.0", "secret", strong, "tooshort");
    } catch (error) {
      if (error instanceof SettingsInvalid) problems = error.problems;
    }
    expect(problems).toHaveLength(2);
    expect(problems[0]).toMatch(
      /^CHAR_SERVERS: the password of 0 is a well-known password; with LOGIN_LINK_HOST=0\.0\.0\.0 .*openssl rand/,
    );
    expect(problems.join()).not.toMatch(/secret|tooshort/);
  });
});

test.each(["127.0.0.1", "127.1.2.3", "::1", "localhost"])("on %s alone any password is accepted", (host) => {
  expect(() => refuse(host, "secret")).not.toThrow();
});
