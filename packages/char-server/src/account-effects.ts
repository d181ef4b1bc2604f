import type { Trail } from "@sallyport/database";
import {
  type AccountId,
  accepted,
  type Fence,
  type Kick,
  type KickReason,
  kickFor,
  LoginId,
  type LoginTicket,
  refused,
} from "@sallyport/domain";
import type {
  AccountOwnerEffect,
  AccountOwnerEvent,
  CharacterLock,
  GrantedAccount,
  LoginIds,
  Owner,
} from "@sallyport/lock-core";
import { type Host, orUnavailable, unavailableRetryMs } from "@sallyport/server-kit";
import type { AccountVisits, Entry } from "./account-visits.ts";
import type { CharacterLocks } from "./character-locks.ts";
import type { LoginLink } from "./login-link.ts";

export interface AccountOwnersDeps {
  readonly locks: Pick<
    CharacterLocks,
    "apply" | "evict" | "isRestoring" | "openAfter" | "read" | "untilKnownMs"
  >;
  readonly login: Pick<LoginLink, "claim" | "hold" | "isUp" | "release">;
  readonly self: Owner;
  readonly trail: Trail;
}

export interface Login {
  readonly accountId: AccountId;
  readonly loginId1: LoginId;
}

interface Told {
  readonly visits: AccountVisits;
  /** Passes an answer, or the state of a lock that was read, to the table as an event. */
  readonly tell: (of: Login, event: AccountOwnerEvent) => void;
  readonly look: (of: Login) => void;
  readonly traceOf: (accountId: AccountId) => string | undefined;
  /** Null: the login-server has not confirmed that the login has the account. */
  readonly fenceOf: (of: Login) => Fence | null;
}

type Performers = {
  readonly [E in AccountOwnerEffect as E["type"]]: (
    of: Login,
    effect: E,
    kick: Kick | undefined,
  ) => Promise<void> | void;
};

const onlineRetryMs = 500;

/**
 * Returns a function that carries out one effect of `accountOwnerTable`. The promise of that function
 * resolves when the result was given back to the table. `kick` is what the client is told whom the event
 * makes leave. Without it, the client is told the reason alone.
 */
export function accountEffects(
  { log, failed }: Pick<Host, "log" | "failed">,
  { locks, login, self, trail }: AccountOwnersDeps,
  { visits, tell, look, traceOf, fenceOf }: Told,
): (of: Login, effect: AccountOwnerEffect, kick?: Kick) => Promise<void> {
  /** The store may not answer. Then the lock ends at its deadline, or this server reads the lock later. */
  const background = (work: () => Promise<unknown>): void => {
    orUnavailable(log, work).catch(failed);
  };
  const openFor = (account: GrantedAccount) => ({ type: "open", owner: self, ...account }) as const;

  const performers: Performers = {
    "ask-hold": async (of, { visit, ids }) => {
      const held = await login.hold(ticketFrom(of.accountId, ids));
      if (held.ok) tell(of, { type: "held", visit, account: { ...ids, ...held.value } });
      else tell(of, { type: held.refusal === "unavailable" ? "hold-unanswered" : "not-held", visit });
    },
    "ask-release": async (of, { request }) => {
      const { accountId } = of;
      const fence = fenceOf(of);
      const isReleased = await login.release(of, traceOf(accountId));
      if (isReleased && fence !== null) {
        trail.note({ what: "leave", accountId });
        trail.seen({ accountId, fence, hasEnded: true });
      }
      tell(of, { type: isReleased ? "released" : "unreleased", request });
    },
    open: async (of, { visit, account }) => {
      const visitor = visits.visitorOf(visit);
      visitor?.follow(account.trace);
      // This function is called only while an earlier login leaves the world.
      const isThere = (): boolean => {
        visitor?.outdate();
        return visitor?.isConnected === true;
      };
      const asked = await orUnavailable(log, async () =>
        accepted(await locks.openAfter(of.accountId, openFor(account), isThere)),
      );
      if (!asked.ok) return tell(of, { type: "open-unanswered", visit, retryAfterMs: unavailableRetryMs });
      const opened = asked.value;
      if (opened.ok) {
        if (opened.before.state !== "free") visitor?.outdate();
        return tell(of, { type: "opened", visit });
      }
      const { refusal, lock } = opened;
      if (refusal === "being-restored")
        return tell(of, { type: "open-unanswered", visit, retryAfterMs: locks.untilKnownMs });
      tell(of, { type: "not-opened", visit, refusal, lock: lock.state === "free" ? null : lock });
    },
    "open-again": (of, { account }) =>
      background(async () => {
        const { lock } = await locks.apply(of.accountId, { ...openFor(account), isAgain: true });
        tell(of, { type: "seen", lock: whose(lock, of) });
      }),
    admit: (_of, { visit, account }) => visits.admit(visit, account),
    refuse: async ({ accountId }, { visit, refusal, retryAfterMs, evicts }) => {
      const evicted = await orUnavailable(log, async () => {
        if (evicts !== undefined)
          await locks.evict(accountId, LoginId(evicts), kickFor("logged-in-elsewhere"));
        return accepted({});
      });
      visits.refuse(visit, evicted.ok ? entryRefused(refusal, retryAfterMs) : evicted);
    },
    kick: (_of, { visit, reason }, kick) =>
      visits.kick(visit, kick?.reason === reason ? kick : kickFor(reason as KickReason)),
    abandon: ({ accountId, loginId1 }) =>
      background(() => locks.apply(accountId, { type: "abandon", owner: self, loginId1 })),
    evict: ({ accountId, loginId1 }, { reason }) =>
      background(() => locks.evict(accountId, loginId1, kickFor(reason as KickReason))),
    look,
  };
  return async (of, effect, kick) => {
    const perform = performers[effect.type] as (
      of: Login,
      effect: AccountOwnerEffect,
      kick?: Kick,
    ) => Promise<void>;
    await perform(of, effect, kick);
  };
}

export const whose = (lock: CharacterLock, { loginId1 }: Login) => {
  if (lock.state === "free") return "free";
  return lock.loginId1 === loginId1 ? "ours" : "another's";
};

const entryRefused = (
  refusal: Extract<AccountOwnerEffect, { type: "refuse" }>["refusal"],
  retryAfterMs = unavailableRetryMs,
): Entry => {
  if (refusal === "not-logged-in") return refused(refusal);
  return refused(refusal, refusal === "already-online" ? onlineRetryMs : retryAfterMs);
};

export const ticketFrom = (accountId: AccountId, { loginId1, loginId2, sex }: LoginIds): LoginTicket => ({
  accountId,
  loginId1: LoginId(loginId1),
  loginId2: LoginId(loginId2),
  sex,
});
