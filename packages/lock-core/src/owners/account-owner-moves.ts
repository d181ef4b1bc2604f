import { areSameIds, type Decision, go, no } from "../machine.ts";
import type {
  Absent,
  AccountOwner,
  AccountOwnerEffect,
  AccountOwnerEvent,
  AccountOwnerRefusal,
  Asking,
  AtCharServer,
  Choosing,
  Entering,
  GrantedAccount,
  HandedOver,
  OfVisit,
  OnMap,
  Releasing,
  Unknown,
} from "./account-owner.ts";

type Step = Decision<AccountOwner, AccountOwnerEffect, AccountOwnerRefusal>;
type In<S extends AccountOwner["state"]> = Extract<AccountOwner, { state: S }>;
type On<E extends AccountOwnerEvent["type"]> = Extract<AccountOwnerEvent, { type: E }>;
type AtSelect = Choosing | HandedOver;
type OnItsWay = Asking | Entering;
type Idle = Absent | OnMap | Unknown;

const next = (owner: AccountOwner, ...effects: readonly AccountOwnerEffect[]): Step => go(owner, ...effects);

const absent: AccountOwner = { state: "absent" };
const look: AccountOwnerEffect = { type: "look" };
const abandon: AccountOwnerEffect = { type: "abandon" };

const accountOf = (owner: AccountOwner): GrantedAccount | null => ("account" in owner ? owner.account : null);
const unknown = (owner: AccountOwner): AccountOwner => ({ state: "unknown", account: accountOf(owner) });

/** Returns the present visit, or an empty list if the client has left. */
const visitOf = (owner: AccountOwner): readonly number[] =>
  "visit" in owner && owner.visit !== null && (!("isThere" in owner) || owner.isThere) ? [owner.visit] : [];

const kicks = (owner: AccountOwner, reason: string): readonly AccountOwnerEffect[] =>
  visitOf(owner).map((visit) => ({ type: "kick", visit, reason }));

const release = (owner: AccountOwner, { request }: AtCharServer, ...before: AccountOwnerEffect[]): Step =>
  next({ state: "releasing", request, account: accountOf(owner) }, ...before, {
    type: "ask-release",
    request,
  });

const refuse = (
  { visit }: OfVisit,
  refusal: Extract<AccountOwnerEffect, { type: "refuse" }>["refusal"],
  more: { readonly retryAfterMs?: number; readonly evicts?: number } = {},
): AccountOwnerEffect => ({ type: "refuse", visit, refusal, ...more });

/** Lets the step decide only if the event is about the present visit. Any other event comes too late. */
const ofVisit =
  <S extends { readonly visit: number | null }, E extends OfVisit>(
    step: (owner: S, event: E, at: AtCharServer) => Step,
  ) =>
  (owner: S, event: E, at: AtCharServer): Step =>
    owner.visit === event.visit ? step(owner, event, at) : no("late");

export const come = {
  to: ["asking", "absent", "on-map", "unknown"],
  step: (owner: Idle, { visit, ids }: On<"come">, { isLinked }: AtCharServer): Step =>
    isLinked
      ? next(
          {
            state: "asking",
            visit,
            isThere: true,
            mayHold: owner.state !== "absent",
            account: accountOf(owner),
          },
          { type: "ask-hold", visit, ids },
        )
      : next(owner, refuse({ visit }, "unavailable")),
} as const;

/** A client learns that its login is here only if it shows the same ids. */
export const comeBeside = {
  step: (owner: AtSelect, { visit, ids }: On<"come">): Step =>
    next(owner, refuse({ visit }, areSameIds(owner.account, ids) ? "already-online" : "not-logged-in")),
} as const;

export const held = {
  to: ["entering", "releasing", "unknown"],
  step: ofVisit((owner: Asking, { visit, account }: On<"held">, at): Step => {
    if (owner.isThere) {
      return next({ state: "entering", visit, isThere: true, account }, { type: "open", visit, account });
    }
    // The client left. A login that already had the account may also have a character lock.
    return owner.account === null ? release(owner, at) : next({ state: "unknown", account }, abandon, look);
  }),
} as const;

/**
 * The login-server may have carried out an earlier release before this hold. So the account is released
 * again.
 */
export const heldLate = {
  to: ["releasing"],
  step: (owner: Absent | Releasing, _event: On<"held" | "hold-unanswered">, at: AtCharServer): Step =>
    release(owner, at),
} as const;

export const notHeld = {
  to: ["absent", "unknown"],
  step: ofVisit((owner: Asking, event: On<"not-held">): Step => {
    const refusal = refuse(event, "not-logged-in");
    return owner.mayHold ? next(unknown(owner), refusal, look) : next(absent, refusal);
  }),
} as const;

/**
 * The login-server may have carried out the hold. If this login did not have the account before, it releases
 * the account.
 */
export const holdUnanswered = {
  to: ["releasing", "unknown"],
  step: ofVisit((owner: Asking, event: On<"hold-unanswered">, at): Step => {
    const refusal = refuse(event, "unavailable");
    return owner.mayHold ? next(unknown(owner), refusal, look) : release(owner, at, refusal);
  }),
} as const;

export const opened = {
  to: ["choosing", "unknown"],
  step: ofVisit(
    ({ visit, isThere, account }: Entering): Step =>
      isThere
        ? next({ state: "choosing", visit, hasChosen: false, account }, { type: "admit", visit, account })
        : next({ state: "unknown", account }, abandon, look),
  ),
} as const;

/** This char-server opened the character lock for a client that it has already sent away. */
export const openedLate = <S extends AccountOwner["state"]>(state: S) =>
  ({
    to: [state],
    step: (owner: In<S>): Step => next(owner, abandon),
  }) as const;

/**
 * The present owner of the character lock has to leave in two cases. 1: its login is older than this login.
 * 2: it is this same login, which already plays on a map. A different login releases only its own ids, so
 * this move releases the ids of this login.
 */
export const notOpened = {
  to: ["releasing", "on-map"],
  step: ofVisit((owner: Entering, event: On<"not-opened">, at): Step => {
    const { account } = owner;
    const { refusal, lock } = event;
    const isOurs = lock?.loginId1 === account.loginId1;
    const hasRunOut = isOurs && refusal === "too-late";
    const isOlder = lock !== null && lock.accountFence < account.accountFence;
    const evicts = lock !== null && (isOlder || (isOurs && refusal === "on-a-map")) ? lock.loginId1 : null;
    const answer = refuse(
      event,
      hasRunOut ? "not-logged-in" : "already-online",
      evicts === null ? {} : { evicts },
    );
    if (isOurs && !hasRunOut) return next({ state: "on-map", visit: null, account }, answer);
    const { request } = at;
    return next({ state: "releasing", request, account }, { type: "ask-release", request }, answer);
  }),
} as const;

export const openUnanswered = {
  to: ["unknown"],
  step: ofVisit((owner: Entering, event: On<"open-unanswered">): Step => {
    const { retryAfterMs } = event;
    return next(unknown(owner), refuse(event, "unavailable", { retryAfterMs }), look);
  }),
} as const;

const secondChoice = (owner: Choosing | HandedOver | OnMap): readonly AccountOwnerEffect[] => [
  ...kicks(owner, "second-choice"),
  { type: "evict", reason: "second-choice" },
];

export const choice = {
  to: ["choosing", "unknown"],
  step: ofVisit(
    (owner: Choosing): Step =>
      owner.hasChosen
        ? next(unknown(owner), ...secondChoice(owner), look)
        : next({ ...owner, hasChosen: true }),
  ),
} as const;

export const choiceWhileHandedOver = {
  to: ["handed-over"],
  step: ofVisit((owner: HandedOver): Step => next({ ...owner, isThere: false }, ...secondChoice(owner))),
} as const;

export const choiceAfterwards = {
  to: ["on-map"],
  step: ofVisit(
    (owner: OnMap, _event: OfVisit): Step => next({ ...owner, visit: null }, ...secondChoice(owner)),
  ),
} as const;

export const handOver = {
  to: ["handed-over"],
  step: ofVisit(
    ({ visit, account }: Choosing): Step => next({ state: "handed-over", visit, isThere: true, account }),
  ),
} as const;

export const handedOver = {
  to: ["on-map"],
  step: ofVisit(
    ({ visit, isThere, account }: HandedOver): Step =>
      next({ state: "on-map", visit: isThere ? visit : null, account }),
  ),
} as const;

export const declined = {
  to: ["choosing", "unknown"],
  step: ofVisit((owner: HandedOver): Step => {
    const { visit, isThere, account } = owner;
    return isThere
      ? next({ state: "choosing", visit, hasChosen: false, account })
      : next(unknown(owner), abandon, look);
  }),
} as const;

/** Another request of the client failed, or its choice was refused before the hand-over began. */
export const declinedBefore = {
  to: ["choosing"],
  step: ofVisit((owner: Choosing): Step => next({ ...owner, hasChosen: false })),
} as const;

export const disowned = {
  to: ["unknown"],
  step: ofVisit((owner: AtSelect): Step => next(unknown(owner), ...kicks(owner, "lock-lost"), abandon, look)),
} as const;

/** An answer has not arrived yet. It will decide what happens to the locks. */
export const leave = <S extends "asking" | "entering" | "handed-over">(state: S) =>
  ({
    to: [state],
    step: ofVisit((owner: In<S>): Step => next({ ...owner, isThere: false } as In<S>)),
  }) as const;

export const leaveSelect = {
  to: ["unknown"],
  step: ofVisit((owner: Choosing): Step => next(unknown(owner), abandon, look)),
} as const;

export const leaveForMap = {
  to: ["on-map"],
  step: ofVisit((owner: OnMap): Step => next({ ...owner, visit: null })),
} as const;

export const kickOnItsWay = <S extends "asking" | "entering">(state: S) =>
  ({
    to: [state],
    step: (owner: In<S>, { reason }: On<"kick">): Step =>
      next({ ...(owner as OnItsWay), isThere: false }, ...kicks(owner, reason)),
  }) as const;

export const kickFromSelect = {
  to: ["releasing"],
  step: (owner: AtSelect, { reason }: On<"kick">, at: AtCharServer): Step =>
    release(owner, at, ...kicks(owner, reason)),
} as const;

/**
 * While locks are restored, a map-server can still report the character. This char-server then asks it to
 * release the character. If no map-server reports the character, the evict timer frees the account lock.
 */
export const kickUnseen = <S extends "absent" | "on-map" | "unknown">(state: S) =>
  ({
    to: ["releasing", state],
    step: (owner: In<S>, _event: On<"kick">, at: AtCharServer): Step =>
      at.isRestoring ? next(owner) : release(owner, at),
  }) as const;

export const kickClient = {
  to: ["unknown"],
  step: (owner: Choosing, { reason }: On<"kick-client">): Step =>
    next(unknown(owner), ...kicks(owner, reason), look),
} as const;

/** The hand-over is in progress. It finds out itself what happened to the character lock. */
export const kickHandedOver = {
  to: ["handed-over"],
  step: (owner: HandedOver, { reason }: On<"kick-client">): Step =>
    next({ ...owner, isThere: false }, ...kicks(owner, reason)),
} as const;

/**
 * If a client of this login stayed, it would get the character lock without the account lock. So it must
 * leave.
 */
export const freed = {
  to: ["releasing"],
  step: (owner: AccountOwner, _event: On<"freed">, at: AtCharServer): Step =>
    release(owner, at, ...(owner.state === "on-map" ? [] : kicks(owner, "lock-lost"))),
} as const;

export const released = {
  to: ["absent"],
  step: (owner: Releasing, { request }: On<"released">): Step =>
    owner.request === request ? next(absent) : no("late"),
} as const;

export const unreleased = {
  to: ["unknown"],
  step: (owner: Releasing, { request }: On<"unreleased">): Step =>
    owner.request === request ? next(unknown(owner), look) : no("late"),
} as const;

export const reclaimed = {
  to: ["on-map"],
  step: (_owner: Absent | Unknown, { account }: On<"reclaimed">): Step =>
    next({ state: "on-map", visit: null, account }),
} as const;

export const reclaimedWhileAsking = {
  to: ["asking"],
  step: (owner: Asking, { account }: On<"reclaimed">): Step => next({ ...owner, mayHold: true, account }),
} as const;

export const reclaimedHere = <S extends "entering" | "choosing" | "handed-over" | "on-map">(state: S) =>
  ({
    to: [state],
    step: (owner: In<S>, { account }: On<"reclaimed">): Step => next({ ...owner, account } as In<S>),
  }) as const;

export const reclaimedLate = {
  to: ["unknown"],
  step: (_owner: Releasing, { account }: On<"reclaimed">): Step => next({ state: "unknown", account }, look),
} as const;

/** The login-server has not answered yet. */
export const lostWhileAsking = {
  to: ["asking"],
  step: (owner: Asking): Step => next({ ...owner, mayHold: false, account: null }),
} as const;

export const lost = {
  to: ["absent"],
  step: (owner: Exclude<AccountOwner, Absent | Asking>, { reason }: On<"lost">): Step =>
    next(absent, ...(owner.state === "on-map" ? [] : kicks(owner, reason))),
} as const;

export const doubted = {
  to: ["unknown"],
  step: (owner: OnMap): Step => next(unknown(owner), look),
} as const;

/** A request in progress may show who has the lock. If it does not, the char-server reads the lock. */
export const lookLater = <S extends AccountOwner["state"]>(state: S) =>
  ({ to: [state], step: (owner: In<S>): Step => next(owner, look) }) as const;

export const seenFromSelect = {
  to: ["choosing", "releasing"],
  step: (owner: Choosing, { lock }: On<"seen">, at: AtCharServer): Step => {
    if (lock === "ours") return next(owner);
    return lock === "free" && at.isRestoring
      ? openAgain(owner)
      : release(owner, at, ...kicks(owner, "lock-lost"));
  },
} as const;

/** During a hand-over, the character lock belongs to this login, before and after the map-server takes it. */
export const seenDuringHandOver = {
  to: ["handed-over"],
  step: (owner: HandedOver, { lock }: On<"seen">, { isRestoring }: AtCharServer): Step => {
    if (lock === "ours") return next(owner);
    return lock === "free" && isRestoring
      ? openAgain(owner)
      : next({ ...owner, isThere: false }, ...kicks(owner, "lock-lost"));
  },
} as const;

const openAgain = (owner: AtSelect): Step => next(owner, { type: "open-again", account: owner.account });

/**
 * If this login does not have the character lock, it does not need the account. So the account is released.
 */
export const seen = {
  to: ["on-map", "unknown", "releasing"],
  step: (owner: OnMap | Unknown, { lock }: On<"seen">, at: AtCharServer): Step => {
    if (lock === "ours") {
      const { account } = owner;
      const isSettled = owner.state === "on-map" || account === null;
      return next(isSettled ? owner : { state: "on-map", visit: null, account });
    }
    // While locks are restored, the owner of a lock that looks free may still restore it.
    return at.isRestoring ? next(unknown(owner), look) : release(owner, at);
  },
} as const;
