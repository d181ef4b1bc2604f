export type { Account, RegisteredAccounts } from "./account.ts";
export * from "./authentication.ts";
export * from "./credential.ts";
export * from "./decoy-credential.ts";
export * from "./name-rules.ts";
export * from "./password-hasher.ts";
