import { SettingsInvalid } from "../settings/settings.ts";

const charsMin = 16;
const differentMin = 6;

/** Passwords from lists of common passwords and from examples, including those of this project. */
const known = [
  "secret",
  "password",
  "passw0rd",
  "changeme",
  "change-me",
  "sallyport",
  "long-random-password",
  "0123456789abcdef",
  "1234567890123456",
];

const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);

/** Describes what is wrong with a password. Null if nothing is wrong. */
export function weaknessOf(password: string): string | null {
  const bare = password.toLowerCase();
  if (known.some((word) => bare === word || bare === word + word)) return "is a well-known password";
  if (password.length < charsMin) return `has fewer than ${charsMin} characters`;
  if (new Set(bare).size < differentMin) return `has fewer than ${differentMin} different characters`;
  return null;
}

/**
 * Throws `SettingsInvalid` if a password can be guessed and other machines can connect. A link password gives
 * access to every account.
 */
export function refuseWeakPasswords(of: {
  readonly host: string;
  readonly hostVariable: string;
  readonly passwords: Iterable<readonly [what: string, password: string]>;
}): void {
  if (isLoopback(of.host)) return;
  const problems = [...of.passwords].flatMap(([what, password]) => {
    const weakness = weaknessOf(password);
    if (weakness === null) return [];
    return [
      `${what} ${weakness}; with ${of.hostVariable}=${of.host} it must not be guessable. Create one with: openssl rand -hex 24`,
    ];
  });
  if (problems.length > 0) throw new SettingsInvalid(problems);
}
