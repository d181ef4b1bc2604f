import {
  type Account,
  type Credential,
  canonicalName,
  type EndingLogins,
  type HashParameters,
  invitationHash,
  type NewAccount,
  type PasswordFence,
} from "@sallyport/authentication";
import { AccountId, accepted, Fence, refused } from "@sallyport/domain";
import { type AccountStore, placeDays } from "./account-store.ts";
import type { InvitationStore } from "./invitation-store.ts";
import { banOf, createMemoryOrders, noOrders } from "./memory-orders.ts";

export type AccountRecord = { -readonly [Key in keyof Account]: Account[Key] } & {
  lastLoginMs: number | null;
  /** Raised by each new password. */
  passwordNumber: number;
  passwordFence: Fence;
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

  const withKey = (accountId: AccountId, { storedKey }: Pick<Credential, "storedKey">) => {
    const record = records.get(accountId);
    return record && hex(record.credential.storedKey) === hex(storedKey) ? record : null;
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

    raiseFence: async (accountId, seen, { evenIfBanned = false, provenAt } = {}) => {
      const record = records.get(accountId);
      const banned = record && !evenIfBanned && banOf(record, now());
      if (banned) return banned;
      const isNewer = provenAt !== undefined && !(record && record.passwordFence <= provenAt);
      if (isNewer || (seen !== undefined && record?.fence !== seen)) return refused("raised-meanwhile");
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

    replaceCredential: async ({ accountId, replaced, credential }) => {
      const record = withKey(accountId, replaced);
      if (record === null) return refused("credential-changed");
      record.credential = credential;
      return accepted({});
    },

    changePassword: async ({ accountId, replaced, ...set }) => {
      const record = withKey(accountId, replaced);
      return record === null ? refused("credential-changed") : accepted(setPassword(record, set));
    },

    passwordFence: async ({ accountId, credential }) => {
      const record = withKey(accountId, credential);
      return record && { fence: record.passwordFence };
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

export function setPassword(
  record: AccountRecord,
  { credential, endsLogins }: { readonly credential: Credential } & EndingLogins,
): PasswordFence {
  const fence = Fence(record.fence + (endsLogins ? 1 : 0));
  const passwordNumber = record.passwordNumber + 1;
  Object.assign(record, { credential, fence, passwordFence: fence, passwordNumber });
  return { fence };
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
  passwordFence: Fence(0),
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
