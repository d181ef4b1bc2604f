import {
  areSameIds,
  asOwner,
  type Claimant,
  type Decision,
  type Durations,
  go,
  idsOf,
  isSameOwner,
  type LockTable,
  type LoginIds,
  mayClaim,
  no,
  type Owner,
  type Told,
  told,
} from "./machine.ts";
import type { LockTiming } from "./timing.ts";

/*
 * The account lock says which server may change an account: none; the login-server, while the client is on
 * its way to a char-server; or a char-server. There is one such lock for each account, in the login tier.
 */

interface Granted extends LoginIds {
  readonly state: "granted";
  readonly fence: number;
}
interface Held extends LoginIds {
  readonly state: "held";
  readonly fence: number;
  readonly owner: Owner;
}
interface Evicting extends LoginIds {
  readonly state: "evicting";
  readonly fence: number;
  readonly owner: Owner;
  /** Absent: a second login wants the account. */
  readonly told?: Told;
}
export type AccountLock = { readonly state: "free" } | Granted | Held | Evicting;

export type AccountCommand =
  /** The client proved its password. Each grant has new login ids and a new fence. */
  | ({ readonly type: "grant"; readonly fence: number } & LoginIds)
  /** A char-server passes on the login ids that its client showed. */
  | ({ readonly type: "hold"; readonly owner: Claimant } & LoginIds)
  | { readonly type: "release"; readonly owner: Owner; readonly loginId1: number }
  /**
   * A second login wants the account. `fence` is the fence of this second login. If the second login has not
   * raised the fence yet, `fence` is the fence that it has read. A login with a newer fence is not evicted.
   */
  | { readonly type: "evict"; readonly fence: number }
  /**
   * An operator decided that the logins of this account end, up to the login with `fence`. A newer login was
   * admitted after that decision, and stays.
   */
  | { readonly type: "put-out"; readonly fence: number; readonly told: Told }
  /** A char-server that came back still has the client of this account. */
  | ({ readonly type: "reclaim"; readonly owner: Claimant } & LoginIds)
  /** The owner's server lock no longer exists. */
  | { readonly type: "forfeit"; readonly owner: Owner }
  | { readonly type: "expire" };

export type AccountEffect =
  /** Ask the owner to disconnect the client, save, and release the lock. */
  | { readonly type: "kick"; readonly owner: Owner; readonly loginId1: number; readonly told?: Told }
  /** If the owner is still connected, tell it that it lost the lock. */
  | { readonly type: "lost"; readonly owner: Owner; readonly loginId1: number };

export type AccountRefusal =
  | "no-lock"
  | "not-held"
  | "held"
  | "held-elsewhere"
  | "being-evicted"
  | "not-owner"
  | "ids-differ"
  | "stale-fence"
  | "too-late"
  | "not-due";

type Table = LockTable<AccountLock, AccountCommand, AccountEffect, AccountRefusal>;
type Step = Decision<AccountLock, AccountEffect, AccountRefusal>;
type Owned = Held | Evicting;

const free: AccountLock = { state: "free" };

const granted = (command: LoginIds & { fence: number }): Granted => ({
  state: "granted",
  ...idsOf(command),
  fence: command.fence,
});

const kick = ({ owner, loginId1, ...lock }: Owned): AccountEffect => ({
  type: "kick",
  owner,
  loginId1,
  ...("told" in lock && { told: lock.told }),
});

/** Any incarnation of the owning server may release, because login_id1 identifies the login. */
const release = {
  to: ["free"],
  step: (lock: Owned, { owner, loginId1 }: { owner: Owner; loginId1: number }): Step =>
    lock.owner.server === owner.server && lock.loginId1 === loginId1 ? go(free) : no("not-owner"),
} as const;

const claimed = <L extends Owned>(lock: L, by: Claimant): L =>
  isSameOwner(lock.owner, by) ? lock : { ...lock, owner: asOwner(by) };

const forfeit = {
  to: ["free"],
  step: (lock: Owned, { owner }: { owner: Owner }): Step =>
    isSameOwner(lock.owner, owner)
      ? go(free, { type: "lost", owner, loginId1: lock.loginId1 })
      : no("not-owner"),
} as const;

export const accountDurations: Durations<AccountLock, LockTiming> = {
  free: null,
  granted: "loginToCharMs",
  held: null,
  evicting: "evictMs",
};

export const accountLockTable: Table = {
  free: {
    grant: { to: ["granted"], step: (_lock, command) => go(granted(command)) },
    hold: "no-lock",
    release: "no-lock",
    evict: "not-held",
    "put-out": "not-held",
    reclaim: "no-lock",
    forfeit: "no-lock",
    expire: "not-due",
  },
  granted: {
    // The newer login replaces the ids of the older login. If a login with a newer fence was granted before,
    // this login is refused.
    grant: {
      to: ["granted"],
      restarts: true,
      step: (lock, command) => (command.fence > lock.fence ? go(granted(command)) : no("stale-fence")),
    },
    hold: {
      to: ["held"],
      when: { is: "not-due", otherwise: "too-late" },
      step: (lock, command) =>
        areSameIds(lock, command)
          ? go({ state: "held", ...idsOf(lock), fence: lock.fence, owner: asOwner(command.owner) })
          : no("ids-differ"),
    },
    release: "not-owner",
    evict: "not-held",
    // The client is on its way to a char-server, which will not know its login ids.
    "put-out": {
      to: ["free"],
      step: (lock, command) => (lock.fence > command.fence ? no("stale-fence") : go(free)),
    },
    reclaim: "not-owner",
    forfeit: "not-owner",
    expire: { to: ["free"], when: { is: "due", otherwise: "not-due" }, step: () => go(free) },
  },
  held: {
    grant: "held",
    // The client comes back from a map to its char-server, with the same ids.
    hold: {
      to: ["held"],
      step: (lock, command) => {
        if (!mayClaim(lock.owner, command.owner)) return no("held-elsewhere");
        return areSameIds(lock, command) ? go(claimed(lock, command.owner)) : no("ids-differ");
      },
    },
    release,
    evict: {
      to: ["evicting"],
      // An older login that is still waiting must not evict a newer login.
      step: (lock, command) =>
        lock.fence > command.fence ? no("stale-fence") : go({ ...lock, state: "evicting" }, kick(lock)),
    },
    "put-out": {
      to: ["evicting"],
      step: (lock, command) => {
        const next: Evicting = { ...lock, state: "evicting", told: command.told };
        return lock.fence > command.fence ? no("stale-fence") : go(next, kick(next));
      },
    },
    reclaim: {
      to: ["held"],
      step: (lock, command) => {
        if (!mayClaim(lock.owner, command.owner)) return no("not-owner");
        return areSameIds(lock, command) ? go(claimed(lock, command.owner)) : no("ids-differ");
      },
    },
    forfeit,
    expire: "not-due",
  },
  evicting: {
    grant: "being-evicted",
    hold: "being-evicted",
    release,
    // The kick is sent again, because the first kick may have been lost. The deadline stays the same, so that
    // repeated logins cannot extend it.
    evict: {
      to: ["evicting"],
      step: (lock, command) => (lock.fence > command.fence ? no("stale-fence") : go(lock, kick(lock))),
    },
    "put-out": {
      to: ["evicting"],
      step: (lock, command) => {
        const next = told(lock, command.told);
        return lock.fence > command.fence ? no("stale-fence") : go(next, kick(next));
      },
    },
    // The kick is sent again, because the first kick may have been lost with the link.
    reclaim: {
      to: ["evicting"],
      step: (lock, command) => {
        if (!mayClaim(lock.owner, command.owner)) return no("not-owner");
        if (!areSameIds(lock, command)) return no("ids-differ");
        const next = claimed(lock, command.owner);
        return go(next, kick(next));
      },
    },
    forfeit,
    // If the old owner saves after this move, Postgres refuses the save, because its fence is old.
    expire: {
      to: ["free"],
      when: { is: "due", otherwise: "not-due" },
      step: ({ owner, loginId1 }) => go(free, { type: "lost", owner, loginId1 }),
    },
  },
};
