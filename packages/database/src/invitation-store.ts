import { invitationHash } from "@sallyport/authentication";
import type { Database, Statement } from "./database.ts";

export interface Invitation {
  /** Only letters and digits count. See `invitationHash`. */
  readonly code: string;
  /** So many accounts can be registered with the code. */
  readonly uses: number;
  /** Milliseconds since 1970. Null: the code has no end. */
  readonly expiresMs: number | null;
  readonly note: string;
  readonly madeBy: string;
}

export interface InvitationStore {
  /** Replaces an invitation with the same code. */
  add(invitation: Invitation): Promise<void>;
}

const statements = {
  add: {
    name: "invitation-add",
    text: `INSERT INTO invitations (code_hash, uses_left, expires_at, note, made_by) VALUES ($1, $2, $3, $4, $5)
      ON CONFLICT (code_hash) DO UPDATE SET uses_left = excluded.uses_left, expires_at = excluded.expires_at,
        note = excluded.note, made_by = excluded.made_by, made_at = now()`,
  },
} satisfies Record<string, Statement>;

export const createInvitationStore = (database: Database): InvitationStore => ({
  add: async ({ code, uses, expiresMs, note, madeBy }) => {
    const expires = expiresMs === null ? null : new Date(expiresMs);
    await database.query(statements.add, [invitationHash(code), uses, expires, note, madeBy]);
  },
});
