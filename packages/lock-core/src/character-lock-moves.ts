import type {
  CharacterEffect,
  CharacterLock,
  CharacterRefusal,
  Choosing,
  Common,
  Entering,
  Evicting,
  HandingOver,
  Hopping,
  OnMap,
  Playing,
  Returning,
} from "./character-lock.ts";
import {
  areSameIds,
  asOwner,
  type Claimant,
  type Decision,
  go,
  idsOf,
  isSameOwner,
  type LoginIds,
  mayClaim,
  no,
  type Owner,
  type Told,
} from "./machine.ts";

export type Step = Decision<CharacterLock, CharacterEffect, CharacterRefusal>;
type OfMap = Entering | Playing | Hopping | Evicting;

const free: CharacterLock = { state: "free" };

export const commonOf = (lock: Common): Common => ({ ...idsOf(lock), accountFence: lock.accountFence });
export const onMapOf = (lock: OnMap): OnMap => ({
  ...commonOf(lock),
  owner: lock.owner,
  charId: lock.charId,
  charFence: lock.charFence,
});

const releaseAccount = (lock: LoginIds): CharacterEffect => ({
  type: "release-account",
  loginId1: lock.loginId1,
});
export const kickClient = (lock: LoginIds): CharacterEffect => ({
  type: "kick-client",
  loginId1: lock.loginId1,
});
export const kick = ({ owner, charId, charFence, told }: Evicting): CharacterEffect => ({
  type: "kick",
  owner,
  charId,
  charFence,
  ...(told !== undefined && { told }),
});
export const lost = ({ owner, charId, charFence }: OnMap): CharacterEffect => ({
  type: "lost",
  owner,
  charId,
  charFence,
});

export const choosing = (lock: Common, owner: Owner): Choosing => ({
  state: "choosing",
  ...commonOf(lock),
  owner,
});

const ifDue = { is: "due", otherwise: "not-due" } as const;
export const unlessDue = { is: "not-due", otherwise: "too-late" } as const;

/**
 * The same client comes to a newer incarnation of this char-server and continues there. An offer to a
 * map-server is withdrawn, because the old incarnation can no longer complete it.
 */
export const openAgain = {
  to: ["choosing"],
  restarts: true,
  step: (lock: Choosing | HandingOver, command: Common & { readonly owner: Owner }): Step =>
    isSameOwner(lock.owner, command.owner) || !areSameIds(lock, command)
      ? no("already-choosing")
      : go(choosing(command, command.owner)),
} as const;

/** The char-server itself owns the lock, so no other server has to be asked, and nothing has to be saved. */
export const evictAtOnce = {
  to: ["free"],
  step: (lock: Choosing | Returning | HandingOver): Step => go(free, kickClient(lock), releaseAccount(lock)),
} as const;

export const expireAtCharServer = { ...evictAtOnce, when: ifDue } as const;

export const expireAtMapServer = {
  to: ["free"],
  when: ifDue,
  step: (lock: OnMap): Step => go(free, lost(lock), releaseAccount(lock)),
} as const;

/** The target map-server did not take the character, so the character stays on its present map-server. */
export const expireHop = {
  to: ["playing"],
  when: ifDue,
  step: (lock: Hopping): Step => go(playing(lock)),
} as const;

export const abandon = {
  to: ["free"],
  step: (lock: Choosing | Returning | HandingOver, command: { owner: Owner; loginId1: number }): Step =>
    isSameOwner(lock.owner, command.owner) && lock.loginId1 === command.loginId1
      ? go(free, releaseAccount(lock))
      : no("not-owner"),
} as const;

interface InHand {
  readonly charId: number;
  readonly charFence: number;
}
export const isSameInHand = (lock: OfMap, { charId, charFence }: InHand): boolean =>
  lock.charId === charId && lock.charFence === charFence;

export const isMeant = (
  lock: HandingOver | Hopping,
  target: Owner,
  { charId, loginId1 }: { charId: number; loginId1: number },
): boolean => isSameOwner(lock.target, target) && lock.charId === charId && lock.loginId1 === loginId1;

export const entering = (
  lock: Common,
  { owner, charId, charFence }: InHand & { owner: Owner },
): Entering => ({
  state: "entering",
  ...commonOf(lock),
  owner,
  charId,
  charFence,
});

export const playing = (lock: OnMap): Playing => ({ ...onMapOf(lock), state: "playing" });

export const back = {
  to: ["returning"],
  step: (
    lock: Playing | Hopping,
    { from, owner, ...inHand }: InHand & { from: Owner; owner: Owner },
  ): Step =>
    isSameOwner(lock.owner, from) && isSameInHand(lock, inHand)
      ? go({ state: "returning", ...commonOf(lock), owner })
      : no("not-owner"),
} as const;

interface Claim extends InHand {
  readonly owner: Claimant;
  readonly loginId1: number;
}

/** A reclaim changes the owner, but neither the state nor the deadline. */
export const reclaim = <L extends Entering | Playing | Hopping>(state: L["state"]) =>
  ({
    to: [state],
    step: (lock: L, claim: Claim): Step => whyNotClaimed(lock, claim) ?? go(claimed(lock, claim)),
  }) as const;

/** The kick is sent again, because the first kick may have been lost with the link. */
export const reclaimEvicted = {
  to: ["evicting"],
  step: (lock: Evicting, claim: Claim): Step => {
    const next = claimed(lock, claim);
    return whyNotClaimed(lock, claim) ?? go(next, kick(next));
  },
} as const;

function whyNotClaimed(lock: OfMap, claim: Claim): ReturnType<typeof no<"not-owner" | "ids-differ">> | null {
  if (!mayClaim(lock.owner, claim.owner)) return no("not-owner");
  return isSameInHand(lock, claim) && lock.loginId1 === claim.loginId1 ? null : no("ids-differ");
}

const claimed = <L extends OfMap>(lock: L, { owner }: Claim): L =>
  isSameOwner(lock.owner, owner) ? lock : { ...lock, owner: asOwner(owner) };

export const leave = {
  to: ["free"],
  step: (lock: OfMap, command: InHand & { owner: Owner }): Step =>
    isSameOwner(lock.owner, command.owner) && isSameInHand(lock, command)
      ? go(free, releaseAccount(lock))
      : no("not-owner"),
} as const;

export const evictFromMap = {
  to: ["evicting"],
  step: (lock: Entering | Playing | Hopping, { told }: { readonly told?: Told }): Step => {
    const next: Evicting = { ...onMapOf(lock), state: "evicting", ...(told !== undefined && { told }) };
    return go(next, kick(next));
  },
} as const;

export const forfeit = {
  to: ["free"],
  step: (lock: OfMap, { owner }: { owner: Owner }): Step =>
    isSameOwner(lock.owner, owner) ? go(free, lost(lock), releaseAccount(lock)) : no("not-owner"),
} as const;
