import { createHash } from "node:crypto";
import { type AccountId, accepted, type Outcome, refused } from "@sallyport/domain";
import type { EndingLogins, PasswordFence, RegisteredAccounts } from "./account.ts";
import type { Credential } from "./credential.ts";
import { type Email, readEmail } from "./email.ts";
import { FairTurns } from "./fair-turns.ts";
import { isPassword } from "./name-rules.ts";
import { orMade } from "./or-made.ts";
import type { PasswordHasher } from "./password-hasher.ts";

/*
 * Codes that prove that somebody reads the mail of an account: to confirm an e-mail address, and to set a new
 * password. A request for a code is answered before anything is looked up, so neither the answer nor its time
 * tells whether the address belongs to an account.
 */

export const codePurposes = ["confirm", "reset"] as const;
export type CodePurpose = (typeof codePurposes)[number];

/** `MailedCodes` needs these methods of a store. Every method can throw `Unavailable`. */
export interface MailTokens {
  /** `too-many`: the account has `codesMax` codes for this purpose that are still valid. */
  add(token: NewToken): Promise<Outcome<Record<never, never>, "too-many">>;
  /** Spends the code. The address logs in from now on. */
  confirm(
    tokenHash: Uint8Array,
  ): Promise<Outcome<{ readonly accountId: AccountId }, "code-invalid" | "email-taken">>;
  /** Returns the account whose password `reset` would set now. Null: it would be refused. */
  forReset(tokenHash: Uint8Array): Promise<AccountId | null>;
  /** Spends all codes of the account for this purpose, and confirms its address. */
  reset(
    change: { tokenHash: Uint8Array; credential: Credential } & EndingLogins,
  ): Promise<Outcome<ResetPassword, "code-invalid">>;
  /** Deletes codes that are no longer valid. */
  forgetExpired(): Promise<void>;
}

type ResetPassword = { readonly accountId: AccountId } & PasswordFence;

export interface NewToken {
  readonly tokenHash: Uint8Array;
  readonly accountId: AccountId;
  readonly purpose: CodePurpose;
  readonly email: Email;
  readonly lifeMs: number;
}

/** This bounds how much mail somebody can cause who knows the address. */
export const codesMax = 3;

const lifeMs: { readonly [P in CodePurpose]: number } = { confirm: 86_400_000, reset: 3_600_000 };
const codeBytes = 16;

export interface Letter {
  readonly to: string;
  readonly purpose: CodePurpose;
  readonly code: string;
  /** The code is valid for this many minutes. */
  readonly minutes: number;
}

/** Sends one letter. Rejects if the mail server does not take it. */
export type SendLetter = (letter: Letter) => Promise<void>;

export interface MailedCodesDeps {
  readonly accounts: Pick<RegisteredAccounts, "findByEmail" | "passwordFence">;
  readonly tokens: MailTokens;
  readonly hasher: PasswordHasher;
  readonly randomBytes: (count: number) => Uint8Array;
  /** Null: the cluster sends no mail. */
  readonly send: SendLetter | null;
  readonly observer: MailObserver;
}

export interface MailObserver {
  sent(of: { readonly accountId: AccountId; readonly purpose: CodePurpose }): void;
  failed(error: unknown): void;
  /** Too many letters wait already, for one address or in all. */
  leftOut(): void;
}

export class MailedCodes {
  readonly #deps: MailedCodesDeps;
  /** Addresses of clients take turns. */
  readonly #turns = new FairTurns({ atOnce: 4, waitingMax: 1_000, waitingPerSourceMax: 20 });
  readonly #underWay = new Set<Promise<void>>();

  constructor(deps: MailedCodesDeps) {
    this.#deps = deps;
  }

  get isOn(): boolean {
    return this.#deps.send !== null;
  }

  /** Sends a code that confirms the address. Does not wait for the letter. */
  sendConfirmation(of: { readonly accountId: AccountId; readonly email: Email }, address: string): void {
    this.#later(address, () => this.#send("confirm", of.accountId, of.email));
  }

  /** `address` is that of the client. The answer is the same for all e-mail addresses. */
  askReset(typed: string, address: string): Outcome<Record<never, never>, "no-mail"> {
    if (!this.isOn) return refused("no-mail");
    const email = readEmail(typed);
    if (email === null) return accepted({});
    this.#later(address, async () => {
      const account = await this.#deps.accounts.findByEmail(email.key);
      // Some mail servers tell `Ann` from `ann`. So the letter goes to the address that the owner gave.
      const own = readEmail(account?.email ?? "");
      if (account !== null && own !== null) await this.#send("reset", account.accountId, own);
    });
    return accepted({});
  }

  confirm(code: string): ReturnType<MailTokens["confirm"]> {
    return this.#deps.tokens.confirm(hashOf(code));
  }

  /** Only a code that is valid costs a hash. */
  async reset(
    { code, newPassword, endsLogins }: { readonly code: string; readonly newPassword: string } & EndingLogins,
    { address, gone }: { readonly address: string; readonly gone: AbortSignal },
  ): Promise<Outcome<ResetPassword, "code-invalid" | "password-invalid" | "busy">> {
    const { accounts, tokens, hasher } = this.#deps;
    if (!isPassword(newPassword)) return refused("password-invalid");
    const tokenHash = hashOf(code);
    const accountId = await tokens.forReset(tokenHash);
    if (accountId === null) return refused("code-invalid");
    const hashed = await hasher.createCredential(newPassword, { address, signal: gone });
    if (!hashed.ok) return hashed;
    const { value: credential } = hashed;
    return orMade(
      () => tokens.reset({ tokenHash, credential, endsLogins }),
      async () => {
        const set = await accounts.passwordFence({ accountId, credential });
        return set && { accountId, ...set };
      },
    );
  }

  /** Resolves when all letters are sent, or cannot be sent. */
  async stop(): Promise<void> {
    await Promise.allSettled(this.#underWay);
  }

  async #send(purpose: CodePurpose, accountId: AccountId, email: Email): Promise<void> {
    const { tokens, randomBytes, send, observer } = this.#deps;
    if (send === null) return;
    const code = Buffer.from(randomBytes(codeBytes)).toString("base64url");
    const token = { tokenHash: hashOf(code), accountId, purpose, email, lifeMs: lifeMs[purpose] };
    const added = await tokens.add(token);
    if (!added.ok) return;
    await send({ to: email.address, purpose, code, minutes: lifeMs[purpose] / 60_000 });
    observer.sent({ accountId, purpose });
  }

  #later(address: string, run: () => Promise<void>): void {
    const { observer } = this.#deps;
    const done = this.#turns
      .take(address)
      .then(async (turn) => {
        if (turn !== "turn") return observer.leftOut();
        try {
          await run();
        } finally {
          this.#turns.give();
        }
      })
      .catch((error: unknown) => observer.failed(error));
    this.#underWay.add(done);
    void done.finally(() => this.#underWay.delete(done));
  }
}

/** People copy codes from a letter, sometimes with blanks around them. */
const hashOf = (code: string): Uint8Array => createHash("sha256").update(code.trim()).digest();
