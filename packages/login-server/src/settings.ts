import {
  defaultAuthenticationSettings,
  type RegistrationPolicy,
  registrationModes,
} from "@sallyport/authentication";
import {
  about,
  choiceSetting,
  countSetting,
  doorSettings,
  innerHostSettings,
  linkBoundSettings,
  linkListenSettings,
  type Setting,
  serverNameSetting,
} from "@sallyport/server-kit";
import { type ClientVersions, readClientVersions } from "./client-versions.ts";

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

const registrationSettings: { readonly [K in keyof RegistrationPolicy]: Setting<RegistrationPolicy[K]> } = {
  registrationMode: choiceSetting(
    "REGISTRATION",
    "Who may register accounts. open: every client. closed: no client. invitation: clients with an invitation code.",
    fallback.registrationMode,
    registrationModes,
  ),
  isConfirmationRequired: {
    ...choiceSetting(
      "EMAIL_CONFIRMATION",
      "Whether e-mail addresses must be confirmed. required: a new account needs an e-mail address, and nobody logs in to it before the code in a letter is shown. This needs SMTP_URL. none: an e-mail address is optional, and is not checked.",
      "none",
      ["none", "required"],
    ),
    parse: (text) =>
      text === "none" || text === "required"
        ? { ok: true, value: text === "required" }
        : { ok: false, expected: "none or required" },
  },
};

/** An operator who closed registration must not find it open after an upgrade. */
const formerRegistration: Setting<null> = {
  variable: "LOGIN_REGISTRATION",
  doc: "No longer a setting: REGISTRATION has taken its place.",
  fallback: "",
  parse: (text) =>
    text === ""
      ? { ok: true, value: null }
      : {
          ok: false,
          problem: "it is no longer a setting; set REGISTRATION to open, closed or invitation, and remove it",
        },
};

const clientVersions: Setting<ClientVersions> = {
  variable: "CLIENT_VERSIONS",
  doc: "Clients that may log in, as a list like native:2-,native@0.106-,ragnarok:20100105-20101228. Each entry is a dialect. After a colon follow versions of its protocol, and after an at sign versions of the program, from the oldest to the newest. A client has to fit one entry. Empty: all clients may log in. Clients can lie about their versions.",
  fallback: "",
  parse(text) {
    const value = readClientVersions(text);
    return value === null
      ? { ok: false, expected: "a list like native:2-,native@0.106-,ragnarok:20100105" }
      : { ok: true, value };
  },
};

const limitSettings = {
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
    ...registrationSettings,
    formerRegistration,
    clientVersions,
    ...limitSettings,
    ...hashSettings,
  }),
};

/** A login-server in a process of its own has these settings. */
export const loginSettings = {
  ...loginTierSettings,
  ...linkListenSettings("LOGIN", "char-server", 7101),
  ...about("links", { charServers }),
};
