import { bannedName, unknownName } from "@sallyport/domain";
import type { EndReason } from "@sallyport/sdk";
import type { NotDone } from "../../asked.ts";

/* The result codes of REGISTER and LOGIN. Null: there is none, and SERVER_CLOSE has to say why. */

export const registered = { success: 1, notAccepted: 2, addressBanned: 3, deviceBanned: 4 } as const;
export const loginCases = {
  unknownName: 2,
  wrongPassword: 3,
  alreadyLoggedIn: 4,
  version: 5,
  accountBanned: 6,
  addressBanned: 7,
  deviceBanned: 8,
} as const;

type Refusal = NotDone["refusal"];

/** 2 is the only code for a field that is not accepted, whether the name exists or not. */
const registerResults: { readonly [R in Refusal]?: number } = {
  "name-taken": registered.notAccepted,
  "name-invalid": registered.notAccepted,
  "password-invalid": registered.notAccepted,
  "email-invalid": registered.notAccepted,
  "email-taken": registered.notAccepted,
  "invitation-invalid": registered.notAccepted,
  "registration-closed": registered.notAccepted,
  "not-sendable": registered.notAccepted,
  "address-banned": registered.addressBanned,
  "device-banned": registered.deviceBanned,
};

const loginResults: { readonly [R in Refusal | EndReason]?: number } = {
  "wrong-name-or-password": loginCases.wrongPassword,
  "not-sendable": loginCases.wrongPassword,
  "already-online": loginCases.alreadyLoggedIn,
  // A newer login of the account took its place, at the login-server or behind it.
  overtaken: loginCases.alreadyLoggedIn,
  "logged-in-elsewhere": loginCases.alreadyLoggedIn,
  "version-unsupported": loginCases.version,
  banned: loginCases.accountBanned,
  "address-banned": loginCases.addressBanned,
  "device-banned": loginCases.deviceBanned,
};

export const registerResult = ({ refusal }: NotDone): number | null => registerResults[refusal] ?? null;

/** A refused password says only that name or password is wrong, unless the server adds one of these details. */
const detailCases: { readonly [detail: string]: number } = {
  [unknownName]: loginCases.unknownName,
  [bannedName]: loginCases.accountBanned,
};

export const loginCase = ({ refusal, detail = "" }: NotDone): number | null =>
  (refusal === "wrong-name-or-password" ? detailCases[detail] : undefined) ?? loginResults[refusal] ?? null;

/** The result for a client whose login is unanswered when the servers end its connection. */
export const endedCase = (reason: EndReason): number | null => loginResults[reason] ?? null;
