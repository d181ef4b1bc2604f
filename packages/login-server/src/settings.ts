import {
  choiceSetting,
  doorSettings,
  flagSetting,
  linkListenSettings,
  type Setting,
} from "@sallyport/server-kit";

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

export const loginSettings = {
  ...doorSettings("LOGIN", 7100),
  ...linkListenSettings("LOGIN", "char-server", 7101),
  charServers,
  secondLogin: choiceSetting(
    "LOGIN_SECOND",
    "a login whose account is in use: takeover lets it in once the older client has left, reject turns it away",
    "by-dialect",
    ["by-dialect", "takeover", "reject"],
  ),
  isRegistrationOpen: flagSetting("LOGIN_REGISTRATION", "whether clients may register accounts", true),
};
