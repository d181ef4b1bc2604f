import { identityTokenMs } from "@sallyport/identity-token";
import {
  about,
  countSetting,
  optionalPortSetting,
  optionalTextSetting,
  portTlsSetting,
  type Setting,
  weaknessOf,
} from "@sallyport/server-kit";

export const usualTokenPorts = { door: 8_085, http: 8_084 } as const;

const audienceForm = /^[\w.-]{1,64}$/;

const audiences: Setting<readonly string[]> = {
  variable: "TOKEN_AUDIENCES",
  doc: "Kinds of servers for which clients get identity tokens, separated by commas. A server accepts only tokens for its own kind. A client that names none gets a token for the first one.",
  fallback: "resource",
  allowed: "1 to 64 letters, digits, _, . or - each",
  parse(text) {
    const value = text.split(",").map((each) => each.trim());
    return value.every((each) => audienceForm.test(each))
      ? { ok: true, value }
      : { ok: false, expected: "a list like resource,shop" };
  },
};

const keysPassword = optionalTextSetting(
  "TOKEN_KEYS_PASSWORD",
  "Password under which the private keys of identity tokens are stored in Postgres. All login-servers need the same. `openssl rand -hex 24` creates one. Without it the keys are stored in plain, and everybody who can read the database can make tokens.",
  {
    isSecret: true,
    problemOf(text) {
      const weakness = weaknessOf(text);
      return weakness === null ? null : `it ${weakness}`;
    },
  },
);

/** Every login-server has these settings. */
export const tokenSettings = about("tokens", {
  tokenPort: optionalPortSetting(
    "TOKEN_PORT",
    `Port on which clients of seed 002 get identity tokens for a name and a password, usually ${usualTokenPorts.door}. 0 picks a free port; empty opens none.`,
    "LOGIN_HOST",
  ),
  tokenTls: portTlsSetting("TOKEN_TLS", "TOKEN_PORT"),
  tokenHttpPort: optionalPortSetting(
    "TOKEN_HTTP_PORT",
    `Port on which the login-server shows the public keys of identity tokens and which of them have ended, over HTTP, usually ${usualTokenPorts.http}. 0 picks a free port; empty opens none. A login-server gives tokens only if this port or TOKEN_PORT is open.`,
    "LOGIN_HOST",
  ),
  tokenAudiences: audiences,
  tokenLifeMs: countSetting(
    "TOKEN_LIFE_MS",
    "Milliseconds for which an identity token is valid.",
    identityTokenMs.usual,
    identityTokenMs.min,
    identityTokenMs.max,
  ),
  tokenKeyDays: countSetting(
    "TOKEN_KEY_DAYS",
    "Days for which a key signs identity tokens. Another one is made before it ends.",
    30,
    1,
    3_650,
  ),
  tokenKeysPassword: keysPassword,
});
