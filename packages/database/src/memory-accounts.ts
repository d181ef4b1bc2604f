import {
  type Account,
  type CredentialChange,
  canonicalName,
  type HashParameters,
  invitationHash,
  type NewAccount,
} from "@sallyport/authentication";
import { AccountId, accepted, Fence, refused } from "@sallyport/domain";
import { type AccountStore, placeDays } from "./account-store.ts";
import type { InvitationStore } from "./invitation-store.ts";
import { banOf, createMemoryOrders, noOrders } from "./memory-orders.ts";

export type AccountRecord = { -readonly [Key in keyof Account]: Account[Key] } & {
  lastLoginMs: number | null;
  /** Raised by each new password. */
  passwordNumber: number;
  mutedUntilMs: number | null;
  ordersVersion: number;
  orderedMs: number;
  /** Null: the account has no address that logs in. */
  emailKey: string | null;
  /** The time of the last login from each address, in milliseconds since 1970. */
  readonly places: Map<string, number>;
};

export interface MemoryAccounts {
  readonly store: AccountStore;
  readonly records: Map<AccountId, AccountRecord>;
  readonly invitations: InvitationStore;
}

interface OpenInvitation {
  usesLeft: number;
  readonly expiresMs: number | null;
}

const placeMs = placeDays * 86_400_000;

/** `now` returns milliseconds since 1970. */
export function createMemoryAccounts(now: () => number): MemoryAccounts {
  const records = new Map<AccountId, AccountRecord>();
  const named = (name: string): AccountRecord | undefined =>
    [...records.values()].find((record) => record.name !== null && isSame(record.name, name));
  const addressed = (key: string): AccountRecord | undefined =>
    [...records.values()].find((record) => record.emailKey === key);
  const invitations = new Map<string, OpenInvitation>();
  const isOpen = (invitation: OpenInvitation | undefined): invitation is OpenInvitation =>
    invitation !== undefined &&
    invitation.usesLeft > 0 &&
    (invitation.expiresMs === null || invitation.expiresMs > now());
  let accountsMade = 0;

  const change = async ({ accountId, replaced, credential }: CredentialChange) => {
    const record = records.get(accountId);
    if (!record || !Buffer.from(replaced.storedKey).equals(record.credential.storedKey)) {
      return refused("credential-changed");
    }
    record.credential = credential;
    return accepted({});
  };

  const store: AccountStore = {
    create: async (account) => {
      const { name, email = null, isEmailPending = false } = account;
      const emailKey = isEmailPending ? null : (email?.key ?? null);
      const invitation = account.invitation ? invitations.get(hex(account.invitation)) : undefined;
      if (account.invitation && !isOpen(invitation)) return refused("invitation-invalid");
      if (name !== null && named(name)) return refused("name-taken");
      if (emailKey !== null && addressed(emailKey)) return refused("email-taken");
      if (invitation !== undefined) invitation.usesLeft -= 1;
      const accountId = AccountId(2_000_000 + accountsMade++);
      records.set(accountId, { ...recordOf(account), accountId, emailKey });
      return accepted({ accountId });
    },

    isInvitation: async (hash) => isOpen(invitations.get(hex(hash))),
    findByName: async (name) => accountOf(named(name)),
    findByEmail: async (key) => accountOf(addressed(key)),

    raiseFence: async (accountId, seen, { evenIfBanned = false } = {}) => {
      const record = records.get(accountId);
      const banned = record && !evenIfBanned && banOf(record, now());
      if (banned) return banned;
      if (seen !== undefined && record?.fence !== seen) return refused("raised-meanwhile");
      if (!record) return refused("no-such-account");
      record.fence = Fence(record.fence + 1);
      return accepted({ fence: record.fence, sex: record.sex, lastLoginMs: record.lastLoginMs });
    },

    noteLogin: async ({ accountId, fence, address }) => {
      const record = records.get(accountId);
      const banned = record && banOf(record, now());
      if (banned) return banned;
      if (record?.fence !== fence) return refused("raised-meanwhile");
      record.lastLoginMs = now();
      if (address !== undefined) record.places.set(address, now());
      return accepted({});
    },

    hasLoggedInFrom: async ({ accountId, address }) =>
      now() - (records.get(accountId)?.places.get(address) ?? Number.NEGATIVE_INFINITY) < placeMs,

    forgetPlaces: async () => {
      for (const { places } of records.values()) {
        for (const [address, atMs] of places) if (now() - atMs >= placeMs) places.delete(address);
      }
    },

    replaceCredential: change,
    changePassword: async (of) => {
      const changed = await change(of);
      const record = records.get(of.accountId);
      if (changed.ok && record) record.passwordNumber += 1;
      return changed;
    },

    hasCredential: async ({ accountId, credential }) => {
      const { storedKey = null } = records.get(accountId)?.credential ?? {};
      return storedKey !== null && Buffer.from(storedKey).equals(credential.storedKey);
    },

    parametersInUse: async () => {
      const inUse = new Map<string, { parameters: HashParameters; count: number }>();
      for (const { credential } of records.values()) {
        const { memoryKib, iterations, parallelism } = credential;
        const key = `${memoryKib} ${iterations} ${parallelism}`;
        const count = (inUse.get(key)?.count ?? 0) + 1;
        inUse.set(key, { parameters: { memoryKib, iterations, parallelism }, count });
      }
      return [...inUse.values()];
    },

    ...createMemoryOrders(records, now),
  };
  return {
    ...{ store, records },
    invitations: {
      add: async ({ code, uses: usesLeft, expiresMs }) => {
        invitations.set(hex(invitationHash(code)), { usesLeft, expiresMs });
      },
    },
  };
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const isSame = (a: string, b: string): boolean => canonicalName(a) === canonicalName(b);

const recordOf = ({
  name,
  email,
  sex,
  credential,
}: NewAccount): Omit<AccountRecord, "accountId" | "emailKey"> => ({
  ...{ name, email: email?.address ?? null, isEmailConfirmed: false, sex, credential },
  ...{ ...noOrders, fence: Fence(0), lastLoginMs: null, places: new Map(), passwordNumber: 0 },
});

function accountOf(record: AccountRecord | undefined): Account | null {
  if (record === undefined) return null;
  const { accountId, name, email, isEmailConfirmed, sex, credential, fence } = record;
  const { role, bannedUntilMs, banReason } = record;
  return {
    ...{ accountId, name, email, isEmailConfirmed, sex, credential, fence },
    ...{ role, bannedUntilMs, banReason },
  };
}
