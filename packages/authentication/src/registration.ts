import { createHash } from "node:crypto";
import { accepted, type Outcome, refused, type Sex } from "@sallyport/domain";
import { type Email, readEmail } from "./email.ts";
import { isAccountName, isPassword } from "./name-rules.ts";

export const registrationModes = ["open", "closed", "invitation"] as const;

export interface RegistrationPolicy {
  /** `invitation`: only clients with an invitation code may register. */
  readonly registrationMode: (typeof registrationModes)[number];
  /** A new account needs an e-mail address, and nobody logs in to it before the address is confirmed. */
  readonly isConfirmationRequired: boolean;
}

/** What a client sends. An empty name, or an e-mail address that is null or empty, is none. */
export interface RegistrationForm {
  readonly name: string;
  readonly email?: string | null;
  readonly password: string;
  readonly sex: Sex;
  readonly invitation?: string | null;
}

export interface Registration {
  readonly name: string | null;
  readonly email: Email | null;
  readonly password: string;
  readonly sex: Sex;
  /** The hash of the invitation code. Null if none is needed. */
  readonly invitation: Uint8Array | null;
}

export type FormRefusal =
  | "registration-closed"
  | "invitation-invalid"
  | "name-invalid"
  | "email-invalid"
  | "password-invalid";

/** Decides all that needs no store. The refusal names the field at fault. */
export function readRegistration(
  form: RegistrationForm,
  { registrationMode, isConfirmationRequired }: RegistrationPolicy,
): Outcome<Registration, FormRefusal> {
  if (registrationMode === "closed") return refused("registration-closed");
  const invitation = registrationMode === "invitation" ? invitationHash(form.invitation ?? "") : null;
  const name = form.name === "" ? null : form.name;
  const typed = form.email || null;
  const email = typed === null ? null : readEmail(typed);
  const needsEmail = typed !== null || isConfirmationRequired;
  if (name === null ? !needsEmail : !isAccountName(name)) return refused("name-invalid");
  if (needsEmail && email === null) return refused("email-invalid");
  if (!isPassword(form.password)) return refused("password-invalid");
  return accepted({ name, email, password: form.password, sex: form.sex, invitation });
}

/**
 * SHA-256 of an invitation code. Only letters and digits count, in capitals: `abcd-efgh` is `ABCDEFGH`. So an
 * operator can also store a code by SQL: `sha256('ABCDEFGH')`.
 */
export const invitationHash = (code: string): Uint8Array =>
  createHash("sha256")
    .update(code.toUpperCase().replace(/[^A-Z0-9]/g, ""))
    .digest();
