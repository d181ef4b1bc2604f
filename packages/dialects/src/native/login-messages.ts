import { audienceUnitsMax, commonRefusals as common, emailUnitsMax, roles } from "@sallyport/domain";
import {
  bytes,
  defineMessages,
  flag,
  list,
  nullable,
  oneOf,
  record,
  text,
  u8,
  u16,
  u32,
  u53,
  withFallback,
} from "@sallyport/wire";
import { hello, unsupported } from "./hello.ts";
import { accountId, kicked, loginId1, loginId2, sex, wsUrl } from "./shared-fields.ts";

const loginRefusals = [
  "wrong-name-or-password",
  "banned",
  "already-online",
  "overtaken",
  "no-world",
  ...common,
  "email-unconfirmed",
  "version-unsupported",
  "too-many-attempts",
  "address-banned",
  "device-banned",
] as const;
const loginName = text(emailUnitsMax, "name or e-mail address");
const password = text(256);
const code = text(64, "from a letter");
const endOthers = flag("a client that is logged in to the account has to leave");

/** Servers of version 2 do not send it. It is the last field of a reply. */
const role = withFallback(oneOf(roles, "what the account may do: operators give roles"), "player");

const loggedIn = {
  accountId,
  loginId1,
  loginId2,
  sex,
  lastLoginMs: nullable(u53("ms since 1970; null at the first login")),
  worlds: list(
    record({ name: text(24), host: text(255), port: u16(), players: u32("in the world now"), wsUrl }),
    256,
    "where to connect next; clients over WebSocket connect to `wsUrl`, which may be null",
  ),
};

/** Messages from the client to the login-server. */
export const loginDoorMessages = defineMessages({
  "client.hello": hello,
  "login.register": {
    id: 0x0101,
    doc: "Creates an account. It has a name, an e-mail address, or both. A name has 3 to 20 letters, digits or underscores. Both are unique ignoring case.",
    fields: {
      name: text(64, "empty: none"),
      password,
      sex,
      email: withFallback(nullable(text(emailUnitsMax, "null or empty: none")), null),
      invitation: withFallback(nullable(text(64, "the code, where registration is by invitation")), null),
    },
    reply: { accountId },
    refusals: [
      "name-invalid",
      "name-taken",
      "password-invalid",
      "registration-closed",
      ...common,
      "email-invalid",
      "email-taken",
      "invitation-invalid",
      "version-unsupported",
      "too-many-attempts",
      "too-many-accounts",
      "address-banned",
      "device-banned",
    ],
  },
  "login.password": {
    id: 0x0102,
    doc: "Logs in with the password itself. This is the only way for an e-mail address.",
    fields: { name: loginName, password },
    reply: { ...loggedIn, role },
    refusals: loginRefusals,
  },
  "login.salt": {
    id: 0x0103,
    doc: "Asks for the values that `login.prove` needs. A name that does not exist gets the same kind of answer, and so does each e-mail address: no proof of it is right.",
    fields: { name: loginName },
    reply: {
      salt: bytes(8, 64, "for argon2id (RFC 9106), version 0x13, 32 bytes out"),
      memoryKib: u32("argon2id memory"),
      iterations: u32("argon2id passes"),
      parallelism: u8("argon2id lanes"),
      nonce: bytes(32, 32, "valid for one proof on this connection"),
    },
    refusals: [...common, "version-unsupported", "too-many-attempts", "address-banned"],
  },
  "login.prove": {
    id: 0x0104,
    doc: "Logs in without sending the password: a SCRAM proof (RFC 5802) over the salted password and both nonces.",
    fields: {
      name: loginName,
      proof: bytes(32, 32, "ClientKey XOR ClientSignature"),
      clientNonce: bytes(32, 32, "new for each login, so that no server can replay an earlier answer"),
    },
    reply: { ...loggedIn, serverSignature: bytes(32, 32, "proves that the server knows the account"), role },
    refusals: loginRefusals,
  },
  "login.email.confirm": {
    id: 0x0105,
    doc: "Confirms the e-mail address of an account. Since version 3, like the messages below.",
    fields: { code },
    reply: {},
    refusals: ["code-invalid", "email-taken", "version-unsupported", ...common, "address-banned"],
  },
  "login.password.change": {
    id: 0x0106,
    doc: "Sets a new password. The old one counts as a login. After `unavailable` the new one may be set already.",
    fields: { name: loginName, oldPassword: password, newPassword: password, endOthers },
    reply: {},
    refusals: [
      "wrong-name-or-password",
      "banned",
      "email-unconfirmed",
      "password-invalid",
      "version-unsupported",
      ...common,
      "too-many-attempts",
      "address-banned",
    ],
  },
  "login.password.reset.ask": {
    id: 0x0107,
    doc: "Asks for a letter with a code. The answer and its time do not tell whether the address belongs to an account.",
    fields: { email: text(emailUnitsMax) },
    reply: {},
    refusals: ["no-mail", "version-unsupported", ...common, "address-banned"],
  },
  "login.password.reset": {
    id: 0x0108,
    doc: "Sets a new password with a code. The code is valid once. After `unavailable` the new password may be set already.",
    fields: { code, newPassword: password, endOthers },
    reply: {},
    refusals: ["code-invalid", "password-invalid", "version-unsupported", ...common, "address-banned"],
  },
  "login.token": {
    id: 0x0109,
    doc: "Asks for an identity token, at any time while the client is logged in, also on another connection than that of the login. The client shows what the answer to its login told it. After 10 tokens within a minute, a login-server refuses the account as `busy`, with the time until the next one.",
    fields: {
      ...{ accountId, loginId1, loginId2, sex },
      audience: nullable(
        text(audienceUnitsMax, "kind of server that the token is for; null: the first of the settings"),
      ),
    },
    reply: {
      token: text(4_096, "a signed JWT"),
      expiresS: u53("Unix seconds; another token can be asked for before"),
    },
    refusals: [
      "not-logged-in",
      "banned",
      "audience-unknown",
      "no-tokens",
      "version-unsupported",
      ...common,
      "address-banned",
      "device-banned",
    ],
  },
  "login.password.telling": {
    id: 0x010a,
    doc: "Logs in like `login.password`, for protocols that tell whether a name exists. Where registration is open, the detail of `wrong-name-or-password` is `unknown-name` for a name that nobody has, and `banned-name` for an account that is banned. Elsewhere, and for an e-mail address, it tells nothing more.",
    fields: { name: loginName, password },
    reply: { ...loggedIn, role },
    refusals: loginRefusals,
  },
});

/** Messages from the login-server to the client. */
export const loginDoorEvents = defineMessages({ "client.kicked": kicked, "client.unsupported": unsupported });
