export type {
  Account,
  CredentialChange,
  EndingLogins,
  NewAccount,
  PasswordFence,
  RegisteredAccounts,
} from "./account.ts";
export * from "./attempt-bounds.ts";
export * from "./attempt-limits.ts";
export * from "./authentication.ts";
export { CountedAttempts, type CountedAttemptsDeps, nameKey } from "./counted-attempts.ts";
export * from "./credential.ts";
export * from "./decoy-credential.ts";
export { type Email, isEmail, readEmail } from "./email.ts";
export { type LimitReading, limitsOf } from "./limits-of.ts";
export {
  type CodePurpose,
  codePurposes,
  codesMax,
  type Letter,
  MailedCodes,
  type MailTokens,
  type NewToken,
  type SendLetter,
} from "./mailed-codes.ts";
export * from "./name-rules.ts";
export * from "./password-hasher.ts";
export {
  invitationHash,
  type RegistrationForm,
  type RegistrationPolicy,
  registrationModes,
} from "./registration.ts";
