import type { AccountId, Fence, JsonObject } from "@sallyport/domain";

/** From where somebody came, as far as the server knows. */
export interface Origin {
  readonly address: string;
  readonly device: string | null;
  readonly dialect: string | null;
  readonly clientVersion: string;
}

/** One thing that happened. It never contains a secret, or a name that somebody typed. */
export interface TrailEntry {
  /** Like `login`, or the words of an operator's command. */
  readonly what: string;
  readonly accountId?: number | undefined;
  readonly charId?: number | undefined;
  /** A word of a refusal, or what an operator wrote. */
  readonly why?: string | undefined;
  /** Who did it: an account name, or `(token)`. Absent if it was the owner of the account. */
  readonly by?: string | undefined;
  readonly origin?: Partial<Origin> | undefined;
  readonly detail?: JsonObject | undefined;
}

/** A login of an account, by the fence that it raised. */
export interface LoginSeen {
  readonly accountId: AccountId;
  readonly fence: Fence;
  /** Only the login-server knows it. */
  readonly origin?: Origin;
  /** The account was given back. */
  readonly hasEnded?: true;
}

/** Notes what happened. Both methods return at once, never fail, and wait for no store. */
export interface Trail {
  note(entry: TrailEntry): void;
  /**
   * Notes a refusal. Between two writes to the store, refusals of one kind, account and address share one
   * entry, which counts them.
   */
  noteRefusal(entry: TrailEntry): void;
  /** Records that the login is in use now. */
  seen(login: LoginSeen): void;
}

const nothing = (): void => {};
export const noTrail: Trail = { note: nothing, noteRefusal: nothing, seen: nothing };

/** Keeps everything, for tests and simulations. */
export function createMemoryTrail(): Trail & {
  readonly entries: readonly TrailEntry[];
  readonly logins: readonly LoginSeen[];
} {
  const entries: TrailEntry[] = [];
  const logins: LoginSeen[] = [];
  const note = (entry: TrailEntry): void => void entries.push(entry);
  return { entries, logins, note, noteRefusal: note, seen: (login) => void logins.push(login) };
}
