import { type AuthenticationSettings, defaultAuthenticationSettings } from "@sallyport/authentication";
import {
  about,
  choiceSetting,
  countSetting,
  doorSettings,
  flagSetting,
  innerHostSettings,
  linkBoundSettings,
  linkListenSettings,
  type Setting,
  serverNameSetting,
} from "@sallyport/server-kit";

const charServers: Setting<ReadonlyMap<string, string>> = {
  variable: "CHAR_SERVERS",
  doc: "Char-servers that may connect to the login-server, as name:password pairs separated by commas. Each pair is the CHAR_USERNAME and CHAR_PASSWORD of one char-server.",
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
    "Milliseconds for which the login-server remembers a correct raw password in its memory. While it remembers the password, a login need not hash it. 0 remembers none.",
    fallback.rememberMs,
    0,
    day,
  ),
  rememberedMax: countSetting(
    "LOGIN_REMEMBERED_MAX",
    "Maximum number of correct raw passwords that the login-server remembers. 0 remembers none.",
    fallback.rememberedMax,
    0,
    1_000_000,
  ),
  failuresPerName: countSetting(
    "LOGIN_FAILURES_PER_NAME",
    "Wrong passwords that one address may send for one account name before it has to wait. 0 sets no limit.",
    fallback.failuresPerName,
    0,
    10_000,
  ),
  failuresPerAddress: countSetting(
    "LOGIN_FAILURES_PER_ADDRESS",
    "Wrong passwords that one address may send, for all account names together, before it has to wait. A client may also ask for a salt and then send no correct proof of its password. The server counts these requests separately, and their limit is ten times as high. 0 sets no limit.",
    fallback.failuresPerAddress,
    0,
    1_000_000,
  ),
  failuresForgottenMs: countSetting(
    "LOGIN_FAILURES_FORGOTTEN_MS",
    "Milliseconds in which the count of wrong passwords falls from its limit to 0. The count falls evenly: if the limit is 50 and this setting is 900000, it falls by one every 18 seconds.",
    fallback.failuresForgottenMs,
    1_000,
    day,
  ),
  failureWaitMaxMs: countSetting(
    "LOGIN_FAILURE_WAIT_MAX_MS",
    "Longest time, in milliseconds, that a client has to wait after wrong passwords before its next attempt.",
    fallback.failureWaitMaxMs,
    1_000,
    day,
  ),
};

export const hashSettings = {
  queueMax: countSetting(
    "LOGIN_HASH_QUEUE_MAX",
    "Maximum number of logins that wait until their passwords are hashed. The login-server refuses further ones and tells the client when to try again.",
    200,
    1,
    100_000,
  ),
  queuePerAddressMax: countSetting(
    "LOGIN_HASH_QUEUE_PER_ADDRESS_MAX",
    "Maximum number of logins from one address that wait until their passwords are hashed. The login-server refuses further ones and tells the client when to try again.",
    100,
    1,
    100_000,
  ),
};

/** Every login-server has these settings, in a process of its own or together with other servers. */
export const loginTierSettings = {
  ...doorSettings("LOGIN", 7100),
  ...innerHostSettings("LOGIN"),
  ...linkBoundSettings("LOGIN", "char-server"),
  ...about("links", {
    server: serverNameSetting(
      "LOGIN_SERVER_NAME",
      "Name under which operators see the login-server. Each login-server needs its own.",
      "login-1",
    ),
  }),
  ...about("accounts", {
    secondLogin: choiceSetting(
      "LOGIN_SECOND",
      "Answer to a login whose account is in use. The older client has to leave in any case. takeover: the login waits until the older client has left, and then succeeds. reject: the login is refused, and succeeds when it is sent again later. by-dialect: the client may ask for takeover or reject; if it does not, its protocol decides.",
      "by-dialect",
      ["by-dialect", "takeover", "reject"],
    ),
    isRegistrationOpen: flagSetting("LOGIN_REGISTRATION", "Whether clients may register accounts.", true),
    ...authenticationSettings,
    ...hashSettings,
  }),
};

/** A login-server in a process of its own has these settings. */
export const loginSettings = {
  ...loginTierSettings,
  ...linkListenSettings("LOGIN", "char-server", 7101),
  ...about("links", { charServers }),
};
