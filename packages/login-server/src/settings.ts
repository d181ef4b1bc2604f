import {
  choiceSetting,
  countSetting,
  doorSettings,
  flagSetting,
  innerHostSetting,
  linkListenSettings,
  type Setting,
  serverNameSetting,
} from "@sallyport/server-kit";
import { type AuthenticationSettings, defaultAuthenticationSettings } from "./authentication.ts";

const charServers: Setting<ReadonlyMap<string, string>> = {
  variable: "CHAR_SERVERS",
  doc: "char-servers that may connect, as name:password pairs separated by commas",
  fallback: null,
  isSecret: true,
  parse(text) {
    const pairs = text.split(",").map((pair) => /^\s*([\w-]{1,32}):(\S+)\s*$/.exec(pair));
    const entries = pairs.flatMap((pair) => (pair?.[1] && pair[2] ? [[pair[1], pair[2]] as const] : []));
    return entries.length === pairs.length
      ? { ok: true, value: new Map(entries) }
      : { ok: false, expected: "a list like alpha:secret1,beta:secret2" };
  },
};

const day = 86_400_000;
const fallback = defaultAuthenticationSettings;

const authenticationSettings: { readonly [K in keyof AuthenticationSettings]: Setting<number> } = {
  rememberMs: countSetting(
    "LOGIN_REMEMBER_MS",
    "milliseconds that a right raw password is remembered, in memory, and costs no hash; 0: never",
    fallback.rememberMs,
    0,
    day,
  ),
  rememberedMax: countSetting(
    "LOGIN_REMEMBERED_MAX",
    "raw passwords that are remembered at once",
    fallback.rememberedMax,
    0,
    1_000_000,
  ),
  failuresPerName: countSetting(
    "LOGIN_FAILURES_PER_NAME",
    "wrong passwords for one name from one address before it has to wait; 0: no limit",
    fallback.failuresPerName,
    0,
    10_000,
  ),
  failuresPerAddress: countSetting(
    "LOGIN_FAILURES_PER_ADDRESS",
    "wrong passwords from one address before it has to wait; a salt that is asked for without a right proof afterwards counts as a tenth of one; 0: no limit",
    fallback.failuresPerAddress,
    0,
    1_000_000,
  ),
  failuresForgottenMs: countSetting(
    "LOGIN_FAILURES_FORGOTTEN_MS",
    "milliseconds until a full limit of wrong passwords is forgotten, one after another",
    fallback.failuresForgottenMs,
    1_000,
    day,
  ),
  failureWaitMaxMs: countSetting(
    "LOGIN_FAILURE_WAIT_MAX_MS",
    "the longest, in milliseconds, that anybody has to wait for the next attempt",
    fallback.failureWaitMaxMs,
    1_000,
    day,
  ),
};

/** Of the password hasher. */
export const hashSettings = {
  queueMax: countSetting(
    "LOGIN_HASH_QUEUE_MAX",
    "logins that may wait for their password to be hashed; past it they are told to come again",
    200,
    1,
    100_000,
  ),
  queuePerAddressMax: countSetting(
    "LOGIN_HASH_QUEUE_PER_ADDRESS_MAX",
    "the same, of those from one address",
    100,
    1,
    100_000,
  ),
};

export const loginSettings = {
  ...doorSettings("LOGIN", 7100),
  innerHost: innerHostSetting("LOGIN"),
  ...linkListenSettings("LOGIN", "char-server", 7101),
  charServers,
  server: serverNameSetting("LOGIN_SERVER_NAME", "its name, by which operators know it", "login-1"),
  secondLogin: choiceSetting(
    "LOGIN_SECOND",
    "a login whose account is in use: takeover lets it in once the older client has left, reject turns it away; by-dialect: as the client asks, or else as suits its dialect",
    "by-dialect",
    ["by-dialect", "takeover", "reject"],
  ),
  isRegistrationOpen: flagSetting("LOGIN_REGISTRATION", "whether clients may register accounts", true),
  ...authenticationSettings,
  ...hashSettings,
};
