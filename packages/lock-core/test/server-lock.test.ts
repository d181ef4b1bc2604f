import { expect, test } from "vitest";
import {
  decideBy,
  type ServerCommand,
  type ServerLock,
  serverDeadlineOf,
  serverLockTable,
} from "../src/index.ts";
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

const decide = (lock: ServerLock, command: ServerCommand, { nowMs }: { readonly nowMs: number }) =>
  decideBy(serverLockTable, lock, command, { nowMs, timing });
const { absent, connected, away } = server;
const anew = { incarnation: "alpha-2", cookieHash: "c2" };
const forfeit = { type: "forfeit-locks", incarnations: ["alpha-1"] };
const forfeitBoth = { type: "forfeit-locks", incarnations: ["alpha-1", "alpha-2"] };
/** This is the server lock directly after the server has come back. */
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
const second = { incarnation: "alpha-2", disconnect: { ...command.disconnect, incarnation: "alpha-2" } };
const settled = { ...connected, ...anew, deadlineMs: reclaiming.deadlineMs };

test.each([
  {
    promise: "a server connects if no other has its name, and gets a lease",
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
    promise: "an open link renews the lease",
    decided: decide(connected, command.renew, at),
    is: becomes({ ...connected, deadlineMs: nowMs + timing.leaseMs }),
  },
  {
    promise: "an older incarnation does not renew a newer one",
    decided: decide(connected, { ...command.renew, incarnation: "alpha-0" }, at),
    is: refused("not-owner"),
  },
  {
    promise: "a server whose link dropped keeps its locks for a time",
    decided: decide(connected, command.disconnect, at),
    is: becomes({ ...away, deadlineMs: nowMs + timing.reconnectMs }),
  },
  {
    promise: "the end of an older link does not make a newer incarnation away",
    decided: decide(connected, { ...command.disconnect, incarnation: "alpha-0" }, at),
    is: refused("not-owner"),
  },
  {
    promise: "a lease that was not renewed counts as a dropped link, not as a lost server",
    decided: decide(connected, command.expire, isDue),
    is: becomes({ ...away, deadlineMs: deadlineMs + timing.reconnectMs }),
  },
  {
    promise:
      "the right cookie lets a server come back in a new incarnation with another cookie, and its locks stay",
    decided: decide(away, command.reconnect, at),
    is: becomes(back),
  },
  {
    promise: "a link whose lease is over does not count, even before a sweep",
    decided: decide(connected, command.reconnect, isDue),
    is: becomes({
      ...back,
      deadlineMs: deadlineMs + timing.leaseMs,
      reclaimDeadlineMs: deadlineMs + timing.reclaimMs,
    }),
  },
  {
    promise: "a wrong cookie changes nothing while the link counts as up either",
    decided: decide(connected, { ...command.reconnect, isCookieRight: false }, isDue),
    is: refused("cookie-wrong"),
  },
  {
    promise: "the locks left of the earlier incarnation end once a server has reclaimed",
    decided: decide(reclaiming, { ...command.reclaimed, incarnation: "alpha-2" }, at),
    is: becomes(settled, forfeit),
  },
  {
    promise: "the locks left of the earlier incarnation end with the reclaim timer, and the server stays",
    decided: decide({ ...reclaiming, deadlineMs: nowMs + 30_000 }, command.expire, {
      nowMs: reclaiming.reclaimDeadlineMs,
    }),
    is: becomes({ ...settled, deadlineMs: nowMs + 30_000 }, forfeit),
  },
  {
    promise: "the locks left of the earlier incarnation stay until just before the reclaim timer ends",
    decided: decide({ ...reclaiming, deadlineMs: nowMs + 30_000 }, command.expire, {
      nowMs: reclaiming.reclaimDeadlineMs - 1,
    }),
    is: refused("not-due"),
  },
  {
    promise: "a server with nothing to reclaim may say so",
    decided: decide(connected, command.reclaimed, at),
    is: becomes(connected),
  },
  {
    promise: "an earlier incarnation cannot end the reclaiming of a later one",
    decided: decide(reclaiming, command.reclaimed, at),
    is: refused("not-owner"),
  },
  {
    promise: "a server whose link drops in the middle of reclaiming keeps the locks of all its incarnations",
    decided: decide(reclaiming, second.disconnect, at),
    is: becomes(awayAgain),
  },
  {
    promise: "a server that comes back a second time may reclaim the locks of both incarnations",
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
    promise: "a server that does not come back a second time loses the locks of both incarnations",
    decided: decide(awayAgain, command.expire, { nowMs: awayAgain.deadlineMs }),
    is: becomes(absent, forfeitBoth),
  },
  {
    promise: "a server continues to reclaim over its open link after the other end was delayed",
    decided: decide(awayAgain, { ...command.renew, incarnation: "alpha-2" }, at),
    is: becomes(back),
  },
  {
    promise: "a server that leaves in the middle of reclaiming gives up all locks",
    decided: decide(reclaiming, { ...command.release, incarnation: "alpha-2" }, at),
    is: becomes(absent, forfeitBoth),
  },
  {
    promise: "a server that comes and goes a hundred times without reclaiming is not readmitted",
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
    promise: "a right cookie that has been used meanwhile changes nothing",
    decided: decide({ ...away, cookieHash: "c9" }, command.reconnect, at),
    is: refused("cookie-wrong"),
  },
  {
    promise: "a cookie is valid once more until its server has said that it is back",
    decided: decide(awayAgain, { ...command.reconnect, incarnation: "alpha-3", nextCookieHash: "c3" }, at),
    is: becomes({ ...back, incarnation: "alpha-3", cookieHash: "c3", earlier: ["alpha-1", "alpha-2"] }),
  },
  {
    promise: "the right cookie is too late at the deadline",
    decided: decide(away, command.reconnect, isDue),
    is: refused("too-late"),
  },
  {
    promise: "a cookie does not displace a connected server",
    decided: decide(connected, command.reconnect, at),
    is: refused("server-lock-exists"),
  },
  {
    promise: "a server that did not come back is gone at the deadline, with all its locks",
    decided: decide(away, command.expire, isDue),
    is: becomes(absent, forfeit),
  },
  {
    promise: "a server that leaves is gone at once",
    decided: decide(connected, command.release, at),
    is: becomes(absent, forfeit),
  },
  {
    promise: "an open link counts as connected again after the other end was only delayed",
    decided: decide(away, command.renew, at),
    is: becomes({ ...connected, deadlineMs: nowMs + timing.leaseMs }),
  },
  {
    promise: "a link that speaks after the reconnect timer has lost its server lock",
    decided: decide(away, command.renew, isDue),
    is: refused("too-late"),
  },
])("$promise", ({ decided, is }) => {
  expect(decided).toEqual(is);
});

test("a server lock shows the earlier of its two timers", () => {
  expect(serverDeadlineOf(reclaiming)).toBe(reclaiming.deadlineMs);
  expect(serverDeadlineOf({ ...reclaiming, deadlineMs: nowMs + 30_000 })).toBe(reclaiming.reclaimDeadlineMs);
  expect([absent, connected, away].map(serverDeadlineOf)).toEqual([null, deadlineMs, deadlineMs]);
});
