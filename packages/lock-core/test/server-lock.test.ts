import { expect, test } from "vitest";
import { serverLockCore } from "../src/index.ts";
import {
  at,
  becomes,
  serverCommand as command,
  deadlineMs,
  isDue,
  nowMs,
  reclaiming,
  refused,
  server,
  timing,
} from "./sample-locks.ts";

const { decide, deadlineOf } = serverLockCore(timing);
const { absent, connected, away } = server;
const anew = { incarnation: "alpha-2", cookieHash: "c2" };
const forfeit = { type: "forfeit-locks", incarnations: ["alpha-1"] };
const forfeitBoth = { type: "forfeit-locks", incarnations: ["alpha-1", "alpha-2"] };
/** As it is right after coming back. */
const back = {
  ...reclaiming,
  deadlineMs: nowMs + timing.leaseMs,
  reclaimDeadlineMs: nowMs + timing.reclaimMs,
};
const { reclaimDeadlineMs: _, ...awayAgain } = {
  ...reclaiming,
  state: "away" as const,
  deadlineMs: nowMs + timing.reconnectMs,
};
const second = { life: "alpha-2", disconnect: { ...command.disconnect, incarnation: "alpha-2" } };
const settled = { ...connected, ...anew, deadlineMs: reclaiming.deadlineMs };

test.each([
  {
    promise: "a server connects where none of its name is, and has a lease",
    decided: decide(absent, command.connect, at),
    is: becomes({ state: "connected", ...anew, deadlineMs: nowMs + timing.leaseMs }),
  },
  {
    promise: "a second server of a name is refused while the first is connected",
    decided: decide(connected, command.connect, at),
    is: refused("server-lock-exists"),
  },
  {
    promise: "a second server of a name is refused while the first may come back",
    decided: decide(away, command.connect, at),
    is: refused("server-lock-exists"),
  },
  {
    promise: "a link that lives renews the lease",
    decided: decide(connected, command.renew, at),
    is: becomes({ ...connected, deadlineMs: nowMs + timing.leaseMs }),
  },
  {
    promise: "an older life does not renew a newer one",
    decided: decide(connected, { ...command.renew, incarnation: "alpha-0" }, at),
    is: refused("not-owner"),
  },
  {
    promise: "a server whose link dropped is waited for, a time, and owns what it did",
    decided: decide(connected, command.disconnect, at),
    is: becomes({ ...away, deadlineMs: nowMs + timing.reconnectMs }),
  },
  {
    promise: "the end of an older link does not make a newer life go away",
    decided: decide(connected, { ...command.disconnect, incarnation: "alpha-0" }, at),
    is: refused("not-owner"),
  },
  {
    promise: "a lease that nobody renewed is a link that dropped, not a server that is gone",
    decided: decide(connected, command.expire, isDue),
    is: becomes({ ...away, deadlineMs: deadlineMs + timing.reconnectMs }),
  },
  {
    promise:
      "the right cookie lets a server come back to a new life with another cookie, and what it had waits for it",
    decided: decide(away, command.reconnect, at),
    is: becomes(back),
  },
  {
    promise: "a link whose lease is over is no link, though nobody has swept it yet",
    decided: decide(connected, command.reconnect, isDue),
    is: becomes({
      ...back,
      deadlineMs: deadlineMs + timing.leaseMs,
      reclaimDeadlineMs: deadlineMs + timing.reclaimMs,
    }),
  },
  {
    promise: "a wrong cookie changes nothing while its link is thought to live either",
    decided: decide(connected, { ...command.reconnect, isCookieRight: false }, isDue),
    is: refused("cookie-wrong"),
  },
  {
    promise: "what is left of the life before ends once a server has reclaimed",
    decided: decide(reclaiming, { ...command.reclaimed, incarnation: "alpha-2" }, at),
    is: becomes(settled, forfeit),
  },
  {
    promise: "what is left of the life before ends when the reclaim timer does, and the server stays",
    decided: decide({ ...reclaiming, deadlineMs: nowMs + 30_000 }, command.expire, {
      nowMs: reclaiming.reclaimDeadlineMs,
    }),
    is: becomes({ ...settled, deadlineMs: nowMs + 30_000 }, forfeit),
  },
  {
    promise: "what is left of the life before waits until just before the reclaim timer ends",
    decided: decide({ ...reclaiming, deadlineMs: nowMs + 30_000 }, command.expire, {
      nowMs: reclaiming.reclaimDeadlineMs - 1,
    }),
    is: refused("not-due"),
  },
  {
    promise: "a server that has nothing to reclaim may say so",
    decided: decide(connected, command.reclaimed, at),
    is: becomes(connected),
  },
  {
    promise: "an earlier life does not say that a later one is done reclaiming",
    decided: decide(reclaiming, command.reclaimed, at),
    is: refused("not-owner"),
  },
  {
    promise: "a server that drops in the middle of reclaiming is waited for with all its lives",
    decided: decide(reclaiming, second.disconnect, at),
    is: becomes(awayAgain),
  },
  {
    promise: "a server that comes back a second time may reclaim what both its lives had",
    decided: decide(
      awayAgain,
      { ...command.reconnect, cookieHash: "c2", incarnation: "alpha-3", nextCookieHash: "c3" },
      at,
    ),
    is: becomes({
      ...back,
      incarnation: "alpha-3",
      cookieHash: "c3",
      shownCookieHash: "c2",
      earlier: ["alpha-1", "alpha-2"],
    }),
  },
  {
    promise: "a server that does not come back a second time has lost what both its lives had",
    decided: decide(awayAgain, command.expire, { nowMs: awayAgain.deadlineMs }),
    is: becomes(absent, forfeitBoth),
  },
  {
    promise: "a link that never dropped goes on reclaiming after the server at its other end was held up",
    decided: decide(awayAgain, { ...command.renew, incarnation: "alpha-2" }, at),
    is: becomes(back),
  },
  {
    promise: "a server that leaves in the middle of reclaiming has given up all",
    decided: decide(reclaiming, { ...command.release, incarnation: "alpha-2" }, at),
    is: becomes(absent, forfeitBoth),
  },
  {
    promise: "a server that comes and goes a hundred times without reclaiming is not let back",
    decided: decide(
      { ...away, earlier: Array.from({ length: 100 }, (_, nth) => `alpha-0.${nth}`) },
      command.reconnect,
      at,
    ),
    is: refused("too-often"),
  },
  {
    promise: "a wrong cookie changes nothing",
    decided: decide(away, { ...command.reconnect, isCookieRight: false }, at),
    is: refused("cookie-wrong"),
  },
  {
    promise: "a cookie that was right and has been used meanwhile changes nothing",
    decided: decide({ ...away, cookieHash: "c9" }, command.reconnect, at),
    is: refused("cookie-wrong"),
  },
  {
    promise: "a cookie is good once more while its server has not said that it is back",
    decided: decide(awayAgain, { ...command.reconnect, incarnation: "alpha-3", nextCookieHash: "c3" }, at),
    is: becomes({ ...back, incarnation: "alpha-3", cookieHash: "c3", earlier: ["alpha-1", "alpha-2"] }),
  },
  {
    promise: "the right cookie comes too late at the deadline",
    decided: decide(away, command.reconnect, isDue),
    is: refused("too-late"),
  },
  {
    promise: "a cookie does not push a connected server out",
    decided: decide(connected, command.reconnect, at),
    is: refused("server-lock-exists"),
  },
  {
    promise: "a server that did not come back is gone at the deadline, and what it owned with it",
    decided: decide(away, command.expire, isDue),
    is: becomes(absent, forfeit),
  },
  {
    promise: "a server that says goodbye is gone at once",
    decided: decide(connected, command.release, at),
    is: becomes(absent, forfeit),
  },
  {
    promise: "a link that never dropped is connected again when the server at its other end was only held up",
    decided: decide(away, command.renew, at),
    is: becomes({ ...connected, deadlineMs: nowMs + timing.leaseMs }),
  },
  {
    promise: "a link that is heard from after the reconnect timer has lost its server lock",
    decided: decide(away, command.renew, isDue),
    is: refused("too-late"),
  },
])("$promise", ({ decided, is }) => {
  expect(decided).toEqual(is);
});

test("of its two timers a server lock shows the one that ends first", () => {
  expect(deadlineOf(reclaiming)).toBe(reclaiming.deadlineMs);
  expect(deadlineOf({ ...reclaiming, deadlineMs: nowMs + 30_000 })).toBe(reclaiming.reclaimDeadlineMs);
  expect([absent, connected, away].map(deadlineOf)).toEqual([null, deadlineMs, deadlineMs]);
});
