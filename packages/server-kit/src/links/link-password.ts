import { SettingsInvalid } from "../settings/settings.ts";

const charsMin = 16;
const differentMin = 6;

/**
 * These passwords are in lists of common passwords or in examples, including the examples of this project.
 */
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

/** Describes why a password is weak. Returns null if it is not weak. */
export function weaknessOf(password: string): string | null {
  const bare = password.toLowerCase();
  if (known.some((word) => bare === word || bare === word + word)) return "is a well-known password";
  if (password.length < charsMin) return `has fewer than ${charsMin} characters`;
  if (new Set(bare).size < differentMin) return `has fewer than ${differentMin} different characters`;
  return null;
}

/**
 * Throws `SettingsInvalid` if two conditions hold. 1: other machines can connect. 2: a password is easy to
 * guess. A link password gives access to every account.
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
