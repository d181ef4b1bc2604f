import {
  type AttemptBounds,
  type AttemptLimits,
  CountedAttempts,
  defaultAttemptBounds,
  type LimitReading,
  limitsOf,
  nameKey,
} from "@sallyport/authentication";
import { delay } from "@sallyport/clock";
import type { NetworkBans, Trail } from "@sallyport/database";
import type { HintBus } from "@sallyport/directory";
import { Unavailable } from "@sallyport/domain";
import { openAttemptCounts } from "@sallyport/limits";
import type { RedisPlace } from "@sallyport/redis";
import {
  about,
  countSetting,
  networksSetting,
  ordersTopic,
  type Setting,
  type SettingValues,
} from "@sallyport/server-kit";
import type { Shell } from "../process/shell.ts";

const day = 86_400_000;
const bounds = defaultAttemptBounds;

const boundSettings: { readonly [K in keyof AttemptBounds]: Setting<number> } = {
  attemptsPerAddress: countSetting(
    "LOGIN_ATTEMPTS_PER_ADDRESS",
    "Wrong passwords that one address may send in LOGIN_ATTEMPTS_WITHIN_MS, at all login-servers together. Attempts under way count too: as many of one address go on at once, and others wait for them. IPv6 addresses count by /64. 0 sets no limit.",
    bounds.attemptsPerAddress,
    0,
    10_000,
  ),
  attemptWindowMs: countSetting(
    "LOGIN_ATTEMPTS_WITHIN_MS",
    "Milliseconds for LOGIN_ATTEMPTS_PER_ADDRESS. They begin with the first attempt.",
    bounds.attemptWindowMs,
    1_000,
    day,
  ),
  failuresPerName: countSetting(
    "LOGIN_FAILURES_PER_NAME",
    "Wrong passwords for one account name, from all addresses together, after which further attempts with the name have to wait. Addresses from which the account lately logged in do not wait. 0 sets no limit.",
    bounds.failuresPerName,
    0,
    10_000,
  ),
  failuresForgottenMs: countSetting(
    "LOGIN_FAILURES_FORGOTTEN_MS",
    "Milliseconds after which the wrong passwords for one account name are forgotten. They begin with the first one.",
    bounds.failuresForgottenMs,
    1_000,
    day,
  ),
  failureWaitMaxMs: countSetting(
    "LOGIN_FAILURE_WAIT_MAX_MS",
    "Longest time, in milliseconds, between two attempts with an account name that had too many wrong passwords. The first wait is a second, and each failure doubles it.",
    bounds.failureWaitMaxMs,
    1_000,
    day,
  ),
  offersPerAddress: countSetting(
    "LOGIN_OFFERS_PER_ADDRESS",
    "Maximum number of salts that one address may ask for in LOGIN_FAILURES_FORGOTTEN_MS without a correct proof of the password. 0 sets no limit.",
    bounds.offersPerAddress,
    0,
    1_000_000,
  ),
  failuresToBan: countSetting(
    "LOGIN_FAILURES_TO_BAN",
    "Wrong passwords of one address in LOGIN_FAILURES_TO_BAN_WITHIN_MS after which the address is banned for LOGIN_BAN_MS. 0 bans no address.",
    bounds.failuresToBan,
    0,
    1_000_000,
  ),
  banWindowMs: countSetting(
    "LOGIN_FAILURES_TO_BAN_WITHIN_MS",
    "Milliseconds for LOGIN_FAILURES_TO_BAN. They begin with the first wrong password.",
    bounds.banWindowMs,
    1_000,
    30 * day,
  ),
  banMs: countSetting(
    "LOGIN_BAN_MS",
    "Milliseconds for which an address is banned after too many wrong passwords.",
    bounds.banMs,
    1_000,
    365 * day,
  ),
  registrationsPerAddress: countSetting(
    "REGISTRATIONS_PER_ADDRESS",
    "Maximum number of accounts that one address may create in REGISTRATIONS_WITHIN_MS. 0 sets no limit.",
    bounds.registrationsPerAddress,
    0,
    1_000_000,
  ),
  registrationWindowMs: countSetting(
    "REGISTRATIONS_WITHIN_MS",
    "Milliseconds for REGISTRATIONS_PER_ADDRESS. They begin with the first new account.",
    bounds.registrationWindowMs,
    1_000,
    30 * day,
  ),
};

const isExempt = networksSetting(
  "LIMITS_EXEMPT",
  "Addresses and networks, separated by commas, for which no limit on logins and registrations holds: no LOGIN_ATTEMPTS_*, LOGIN_FAILURES_*, LOGIN_OFFERS_* or REGISTRATIONS_*. `none` exempts nobody. If all clients come through a proxy that does not tell their addresses, list the proxy here.",
  "127.0.0.0/8,::1",
);

/** Servers that check passwords, of clients or of operators, have these settings. */
export const attemptSettings = about("accounts", { ...boundSettings, isExempt });

export type AttemptNeeds = SettingValues<typeof attemptSettings>;

export interface Attempts {
  readonly limits: AttemptLimits;
  /** Reads what is counted of an address, as `addressOf` returns it, and of a name as somebody types it. */
  readings(of: { readonly address?: string; readonly name?: string }): Promise<readonly LimitReading[]>;
  close(): void;
}

interface AttemptStores {
  /** Null: this process counts for itself. */
  readonly redis: RedisPlace | null;
  readonly clusterSecret: Uint8Array;
  readonly networkBans: Pick<NetworkBans, "add">;
  readonly hints: HintBus;
  readonly trail: Trail;
}

export async function openAttempts(
  shell: Shell,
  bounds: AttemptNeeds,
  { redis, clusterSecret, ...stores }: AttemptStores,
): Promise<Attempts> {
  const { clock } = shell;
  const nowMs = (): number => clock.nowMs();
  const { counts, close } = await openAttemptCounts({ redis, bounds, nowMs });
  const limits = new CountedAttempts({
    ...{ counts, bounds, clusterSecret, nowMs },
    pause: (ms) => delay(clock, ms),
    ban: (network, failures) => ban(shell, bounds, stores, { network, failures }),
  });
  return {
    limits,
    readings: ({ address, name }) =>
      limitsOf(counts, bounds, {
        address,
        nameKey: name === undefined ? undefined : nameKey(clusterSecret, name),
      }),
    close,
  };
}

/** Name of the one who bans, beside the names of operators. No account can have it, because of its brackets. */
const banner = "(limits)";
const reason = "too many wrong passwords";

/** All servers follow the bans that are stored. The hint only makes them look at once. */
async function ban(
  { log, metrics, wallMs, failed }: Shell,
  { banMs, isExempt: isSpared }: AttemptNeeds,
  { networkBans, hints, trail }: Pick<AttemptStores, "networkBans" | "hints" | "trail">,
  { network, failures }: { readonly network: string; readonly failures: number },
): Promise<void> {
  // Passwords at the admin port are counted for exempt addresses too.
  if (isSpared?.(network)) return;
  try {
    const untilMs = wallMs() + banMs;
    const made = await networkBans.add({ of: { network }, untilMs, reason, by: banner });
    if (!made.ok) return;
    metrics.count("addressesBanned", {});
    log.warn({ network, failures }, "an address is banned, because it sent too many wrong passwords");
    trail.note({ what: "network-banned", why: reason, by: banner, detail: { network, failures, untilMs } });
    await hints.tell(ordersTopic, {});
  } catch (error) {
    if (error instanceof Unavailable) log.warn({ network, err: error }, "an address could not be banned");
    else failed(error);
  }
}
