import { type AccountLock, accountLockCore, defaultLockTiming } from "@sallyport/lock-core";

const logins = 10_000;
/** Each login needs three decisions: grant, hold and release. */
export const decisionsEach = 3 * logins;

const core = accountLockCore(defaultLockTiming);
const owner = { server: "alpha", incarnation: "one" };
const claimant = { ...owner, earlier: [] };
const at = { nowMs: 1_000_000, isRestoring: false };

/** Returns the last lock. So the JavaScript engine cannot remove the steps as useless. */
export function decideByTable(): AccountLock {
  let lock: AccountLock = core.initial;
  for (let fence = 1; fence <= logins; fence += 1) {
    const ids = { loginId1: fence, loginId2: fence, sex: "female" } as const;
    lock = next(lock, { type: "grant", fence, ...ids });
    lock = next(lock, { type: "hold", owner: claimant, ...ids });
    lock = next(lock, { type: "release", owner, loginId1: fence });
  }
  return lock;
}

function next(lock: AccountLock, command: Parameters<typeof core.decide>[1]): AccountLock {
  const decision = core.decide(lock, command, at);
  if (!decision.ok) throw new Error(`${command.type} of a lock that is ${lock.state}: ${decision.refusal}`);
  return decision.next;
}

/** Makes the same locks as `decideByTable`, but checks only the ids. */
export function decideByHand(): AccountLock {
  let lock: AccountLock = core.initial;
  for (let fence = 1; fence <= logins; fence += 1) {
    const ids = { loginId1: fence, loginId2: fence, sex: "female" } as const;
    lock = { state: "granted", ...ids, fence };
    if (lock.loginId1 === ids.loginId1) lock = { state: "held", ...ids, fence, owner: { ...owner } };
    if (lock.loginId1 === fence) lock = { state: "free" };
  }
  return lock;
}
