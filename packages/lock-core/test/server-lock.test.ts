import { expect, test } from "vitest";
import { serverLockCore } from "../src/index.ts";
import { at, serverCommand as command, deadlineMs, isDue, nowMs, server, timing } from "./sample-locks.ts";

const { decide } = serverLockCore(timing);
const { absent, connected, away } = server;
const anew = { incarnation: "alpha-2", cookieHash: "c2" };
const refused = (refusal: string) => ({ ok: false, refusal });
const becomes = (next: object, ...effects: object[]) => ({ ok: true, next, effects });
const forfeit = { type: "forfeit-locks", incarnation: "alpha-1" };

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
      "the right cookie lets a server come back as who it was, with another cookie, and its locks wait for it",
    decided: decide(away, command.reconnect, at),
    is: becomes(
      { ...connected, cookieHash: "c2", deadlineMs: nowMs + timing.leaseMs },
      { type: "resume-locks", incarnation: "alpha-1" },
    ),
  },
  {
    promise: "a wrong cookie changes nothing",
    decided: decide(away, { ...command.reconnect, isCookieRight: false }, at),
    is: refused("cookie-wrong"),
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
