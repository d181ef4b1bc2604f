import { expect, test } from "vitest";
import { accountLockCore } from "../src/index.ts";
import {
  account,
  alpha,
  alphaAnew,
  alphaBack,
  at,
  becomes,
  beta,
  accountCommand as command,
  deadlineMs,
  ids,
  isDue,
  laterIds,
  nowMs,
  refused,
  timing,
} from "./sample-locks.ts";
import { timed } from "./timed-core.ts";

const decide = timed(accountLockCore(timing).decide);
const { granted, held, evicting } = account;
const free = account.free;
const kick = { type: "kick", owner: held.owner, loginId1: ids.loginId1 };
const lost = { ...kick, type: "lost" };
const later = { ...laterIds, fence: 8 };
const { told } = command["put-out"];
const putOut = { ...evicting, told };

test.each([
  {
    promise: "a free account is granted until its client must have shown its ids",
    decided: decide(free, command.grant, at),
    is: becomes({ state: "granted", ...later, deadlineMs: nowMs + timing.loginToCharMs }),
  },
  {
    promise: "a second login replaces the unused ids of the first, and gets the whole time",
    decided: decide(granted, command.grant, at),
    is: becomes({ state: "granted", ...later, deadlineMs: nowMs + timing.loginToCharMs }),
  },
  {
    promise: "a login that was overtaken on its way to the lock is told so",
    decided: decide(granted, { ...command.grant, fence: 7 }, at),
    is: refused("stale-fence"),
  },
  {
    promise: "a granted account is held by the char-server that shows its ids, and then has no timer",
    decided: decide(granted, command.hold, at),
    is: becomes(held),
  },
  {
    promise: "ids that a newer login replaced are worth nothing",
    decided: decide({ ...granted, ...later }, command.hold, at),
    is: refused("ids-differ"),
  },
  {
    promise: "a wrong login_id1 does not hold an account",
    decided: decide(granted, { ...command.hold, loginId1: 99 }, at),
    is: refused("ids-differ"),
  },
  {
    promise: "a wrong login_id2 does not hold an account",
    decided: decide(granted, { ...command.hold, loginId2: 99 }, at),
    is: refused("ids-differ"),
  },
  {
    promise: "a wrong sex does not hold an account",
    decided: decide(granted, { ...command.hold, sex: "male" }, at),
    is: refused("ids-differ"),
  },
  {
    promise: "right ids come too late at the deadline, swept or not",
    decided: decide(granted, command.hold, isDue),
    is: refused("too-late"),
  },
  {
    promise: "a granted account stays granted until just before its deadline",
    decided: decide(granted, command.expire, { nowMs: deadlineMs - 1 }),
    is: refused("not-due"),
  },
  {
    promise: "a granted account is free at its deadline, and no server is told",
    decided: decide(granted, command.expire, isDue),
    is: becomes(free),
  },
  {
    promise: "no server can release an account on its way to a char-server",
    decided: decide(granted, command.release, at),
    is: refused("not-owner"),
  },
  {
    promise: "a char-server that holds an account holds it again with the same ids",
    decided: decide(held, command.hold, at),
    is: becomes(held),
  },
  {
    promise: "a char-server that holds an account is refused with other ids of it",
    decided: decide(held, { ...command.hold, ...laterIds }, at),
    is: refused("ids-differ"),
  },
  {
    promise: "an account held by one char-server cannot be held by another, whatever ids it shows",
    decided: decide(held, { ...command.hold, owner: { ...beta, earlier: [] } }, at),
    is: refused("held-elsewhere"),
  },
  {
    promise: "another incarnation of the owner is another owner",
    decided: decide(held, { ...command.hold, owner: { ...alphaAnew, earlier: [] } }, at),
    is: refused("held-elsewhere"),
  },
  {
    promise: "a held account is not granted",
    decided: decide(held, command.grant, at),
    is: refused("held"),
  },
  {
    promise: "a release of older ids leaves the newer ones held",
    decided: decide({ ...held, ...later }, command.release, at),
    is: refused("not-owner"),
  },
  {
    promise: "the owner of a held account is asked to release it, within a time",
    decided: decide(held, command.evict, at),
    is: becomes({ ...evicting, deadlineMs: nowMs + timing.evictMs }, kick),
  },
  {
    promise: "the owner is asked again at every further login, and gets no more time",
    decided: decide(evicting, command.evict, at),
    is: becomes(evicting, kick),
  },
  {
    promise: "a client that is put out on its way to a char-server loses its ids",
    decided: decide(granted, command["put-out"], at),
    is: becomes(free),
  },
  {
    promise: "the owner of a held account is told why its client is put out, within a time",
    decided: decide(held, command["put-out"], at),
    is: becomes({ ...putOut, deadlineMs: nowMs + timing.evictMs }, { ...kick, told }),
  },
  {
    promise: "an owner that is making room for a second login is told that its client is put out instead",
    decided: decide(evicting, command["put-out"], at),
    is: becomes(putOut, { ...kick, told }),
  },
  {
    promise: "an owner that comes back while its client is put out is told why",
    decided: decide(putOut, command.reclaim, at),
    is: becomes({ ...putOut, owner: alphaAnew }, { ...kick, owner: alphaAnew, told }),
  },
  {
    promise: "a second login does not change why a client is put out",
    decided: decide(putOut, command.evict, at),
    is: becomes(putOut, { ...kick, told }),
  },
  ...[granted, held, evicting].map((lock) => ({
    promise: `a login that was admitted after the order stays: ${lock.state}`,
    decided: decide({ ...lock, ...later }, command["put-out"], at),
    is: refused("stale-fence"),
  })),
  {
    promise: "the owner may keep the account if the login that asks is older",
    decided: decide({ ...held, ...later }, { ...command.evict, fence: 7 }, at),
    is: refused("stale-fence"),
  },
  {
    promise: "a login older than the owner's does not ask the owner again",
    decided: decide({ ...evicting, ...later }, { ...command.evict, fence: 7 }, at),
    is: refused("stale-fence"),
  },
  {
    promise: "no server is asked to release an account that no char-server holds",
    decided: decide(granted, command.evict, at),
    is: refused("not-held"),
  },
  {
    promise: "an owner that was asked to release does not hold the account again",
    decided: decide(evicting, command.hold, at),
    is: refused("being-evicted"),
  },
  {
    promise: "an owner that was asked to release, and does, leaves the account free",
    decided: decide(evicting, command.release, at),
    is: becomes(free),
  },
  {
    promise: "an owner that did not release in time loses the account, and is told",
    decided: decide(evicting, command.expire, isDue),
    is: becomes(free, lost),
  },
  {
    promise: "a release from a later incarnation of the owner counts",
    decided: decide(held, { ...command.release, owner: alphaAnew }, at),
    is: becomes(free),
  },
  {
    promise: "another server cannot release",
    decided: decide(held, { ...command.release, owner: beta }, at),
    is: refused("not-owner"),
  },
  {
    promise: "a char-server that came back owns what it reclaims in its new incarnation",
    decided: decide(held, command.reclaim, at),
    is: becomes({ ...held, owner: alphaAnew }),
  },
  {
    promise: "a reclaimed account may be reclaimed again, since the answer may have been lost",
    decided: decide({ ...held, owner: alphaAnew }, command.reclaim, at),
    is: becomes({ ...held, owner: alphaAnew }),
  },
  {
    promise: "a client that is back before its lock was reclaimed keeps its account",
    decided: decide(held, { ...command.hold, owner: alphaBack }, at),
    is: becomes({ ...held, owner: alphaAnew }),
  },
  {
    promise: "a late request of an earlier incarnation takes nothing from a later one",
    decided: decide({ ...held, owner: alphaAnew }, { ...command.hold, owner: { ...alpha, earlier: [] } }, at),
    is: refused("held-elsewhere"),
  },
  {
    promise: "an account is not reclaimed with other ids",
    decided: decide(held, { ...command.reclaim, ...laterIds }, at),
    is: refused("ids-differ"),
  },
  {
    promise: "an account is not reclaimed by another server, whatever incarnations it claims",
    decided: decide(held, { ...command.reclaim, owner: { ...beta, earlier: ["alpha-1"] } }, at),
    is: refused("not-owner"),
  },
  {
    promise: "an account is not reclaimed from an incarnation that has not ended",
    decided: decide(held, { ...command.reclaim, owner: { ...alphaAnew, earlier: ["alpha-0"] } }, at),
    is: refused("not-owner"),
  },
  {
    promise: "an account that was granted to a newer login is not reclaimed",
    decided: decide(granted, command.reclaim, at),
    is: refused("not-owner"),
  },
  {
    promise:
      "a char-server that reclaims an account that it was asked to release is asked again, and gets no more time",
    decided: decide(evicting, command.reclaim, at),
    is: becomes({ ...evicting, owner: alphaAnew }, { ...kick, owner: alphaAnew }),
  },
  {
    promise: "an account to be released is reclaimed only with the right ids",
    decided: decide(evicting, { ...command.reclaim, ...laterIds }, at),
    is: refused("ids-differ"),
  },
  {
    promise: "an account to be released is reclaimed only by its owner",
    decided: decide(evicting, { ...command.reclaim, owner: { ...beta, earlier: [] } }, at),
    is: refused("not-owner"),
  },
  {
    promise: "the accounts of a server become free when its server lock ends",
    decided: decide(held, command.forfeit, at),
    is: becomes(free, lost),
  },
  {
    promise: "the end of one incarnation of a server leaves the accounts of another incarnation",
    decided: decide(held, { ...command.forfeit, owner: alphaAnew }, at),
    is: refused("not-owner"),
  },
])("$promise", ({ decided, is }) => {
  expect(decided).toEqual(is);
});
