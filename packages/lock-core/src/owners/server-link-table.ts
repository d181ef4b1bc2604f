import { type Decision, decideBy, go, type Move, no, type StateTable } from "../machine.ts";
import { askEveryMs, extendHold, holdEndMs, holdFrom, type LinkHold } from "./link-hold.ts";
import type {
  Attempt,
  Away,
  Connecting,
  Cookie,
  Held,
  LinkEffect,
  LinkEvent,
  LinkLine,
  LinkRefusal,
  Preparing,
  Seeking,
  ServerLinkState,
  SteppingDown,
  Up,
} from "./server-link.ts";

type Step = Decision<ServerLinkState, LinkEffect, LinkRefusal>;
/** `nowMs` is the time on the monotonic clock of this process. */
interface Now {
  readonly nowMs: number;
}
type Table = StateTable<ServerLinkState, LinkEvent, LinkEffect, LinkRefusal, Now>;
type Cell<From extends ServerLinkState, Type extends LinkEvent["type"]> = Move<
  ServerLinkState,
  From,
  Extract<LinkEvent, { type: Type }>,
  LinkEffect,
  LinkRefusal,
  Now
>;

const pauseMinMs = 200;
const pauseMaxMs = 5_000;
/** While this server can still come back with its cookie, it pauses at most this long between attempts. */
const pauseBackMaxMs = 1_000;

/** The link of a process begins in this state. */
export const unlinked: ServerLinkState = {
  state: "connecting",
  attempt: 0,
  step: "idle",
  cookie: null,
  failures: 0,
  complaint: null,
};
const stopped: ServerLinkState = { state: "stopped" };
const afresh = { step: "pausing", failures: 0, complaint: null } as const;

const withoutLocks = ({ attempt, step, cookie, failures, complaint }: Seeking): Connecting => ({
  state: "connecting",
  attempt,
  step,
  cookie,
  failures,
  complaint,
});
const steppingDown = ({ attempt }: Attempt, cookie: Cookie): SteppingDown => ({
  state: "stepping-down",
  attempt,
  cookie,
});

const say = (line: LinkLine, why?: string): LinkEffect =>
  why === undefined ? { type: "say", line } : { type: "say", line, why };
const close = (why: string): LinkEffect => ({ type: "close", why });
const store = ({ attempt }: Attempt, cookie: Cookie): LinkEffect => ({
  type: "store-cookie",
  attempt,
  cookie,
});
const leave = ({ attempt }: Attempt): LinkEffect => ({ type: "leave", attempt });
const keepAlive = ({ attempt, hold }: Held): LinkEffect => ({
  type: "keep-alive",
  attempt,
  everyMs: askEveryMs(hold),
});
const lost: LinkEffect = { type: "lost" };
/** A server without a link has nothing to close. An attempt to link that is in progress goes on. */
const giveUp = [say("without-link"), lost];
const stepDown = [say("without-link"), close("this server stepped down"), lost];

const isOver = ({ hold }: { readonly hold: LinkHold }, { nowMs }: Now): boolean => nowMs >= holdEndMs(hold);
const isAt = (step: Seeking["step"], state: Seeking, { attempt }: Attempt): boolean =>
  state.step === step && state.attempt === attempt;

/** An answer to an earlier attempt comes too late. */
const named =
  <S extends Attempt, E extends Attempt>(step: (state: S, event: E, at: Now) => Step) =>
  (state: S, event: E, at: Now): Step =>
    state.attempt === event.attempt ? step(state, event, at) : no("late");

const dial = (state: Connecting | Away): Step => {
  const attempt = state.attempt + 1;
  return go<ServerLinkState, LinkEffect>(
    { ...state, step: "dialing", attempt },
    { type: "connect", attempt },
  );
};

function pause(state: Connecting | Away, ...effects: readonly LinkEffect[]): Step {
  const { attempt, cookie, failures } = state;
  const meanMs = Math.min(cookie === null ? pauseMaxMs : pauseBackMaxMs, pauseMinMs * 2 ** failures);
  const next: ServerLinkState = { ...state, step: "pausing" };
  return go(next, ...effects, { type: "try-again", attempt, meanMs });
}

/** Reports why an attempt failed, but does not report the same reason twice in a row. */
const pauseAfter = (why: string, state: Connecting | Away, ...effects: readonly LinkEffect[]): Step =>
  pause(
    { ...state, failures: state.failures + 1, complaint: why },
    ...effects,
    ...(state.complaint === why ? [] : [say("cannot-link", why)]),
  );

/** The moves of a server without a link are the same, whether it owns locks or not. */
const seeking = (here: "connecting" | "away") => ({
  "try-again": {
    to: [here],
    step: (state, event) => (isAt("pausing", state, event) ? dial(state) : no("late")),
  } satisfies Cell<Connecting | Away, "try-again">,
  failed: {
    to: [here],
    step: (state, event) => (isAt("dialing", state, event) ? pauseAfter(event.why, state) : no("late")),
  } satisfies Cell<Connecting | Away, "failed">,
  connected: {
    to: [here],
    step: (state, event) => {
      if (!isAt("dialing", state, event)) return no("late");
      const { attempt, cookie } = state;
      const next: ServerLinkState = { ...state, step: "asking" };
      return go(next, { type: "introduce", attempt, cookie });
    },
  } satisfies Cell<Connecting | Away, "connected">,
  refused: {
    to: here === "away" ? ["away", "connecting"] : ["connecting"],
    step: (state, event) => {
      if (!isAt("asking", state, event)) return no("late");
      const unadmitted = close("not admitted");
      if (event.refusal !== "cookie-unknown") return pauseAfter(event.why, state, unadmitted);
      // This server gives up its locks and begins as a new server.
      const next = { ...withoutLocks(state), cookie: null };
      const gone = state.state === "away" ? giveUp : [];
      return pauseAfter(event.why, next, unadmitted, say("cookie-unknown"), store(state, null), ...gone);
    },
  } satisfies Cell<Connecting | Away, "refused">,
  // The answer was sent after the request, at an unknown time. So the hold is counted from the request.
  admitted: {
    to: ["admitted"],
    step: (state, event) => {
      if (!isAt("asking", state, event)) return no("late");
      const { attempt, cookie, askedMs, reconnectMs } = event;
      const isBack = state.cookie !== null;
      const hold = holdFrom(askedMs, reconnectMs);
      return go({ state: "admitted", attempt, cookie, isBack, hold }, store(event, cookie));
    },
  } satisfies Cell<Connecting | Away, "admitted">,
  // A stop waits for the answer to the request for admission. If this server was admitted and did not release
  // its server lock, that lock would keep the next process out.
  stop: {
    to: ["leaving", "stopped"],
    step: ({ attempt, step }, { how }) =>
      step === "asking" ? go({ state: "leaving", attempt, how }) : go(stopped),
  } satisfies Cell<Connecting | Away, "stop">,
});

const linkLost = ({ attempt, cookie, hold }: Held, { why }: Attempt & { readonly why: string }): Step =>
  pause({ state: "away", attempt, cookie, hold, ...afresh }, say("link-lost", why));

/**
 * Reclaiming took too long. The next incarnation would have no more time, but more locks to reclaim. So this
 * server drops its cookie and begins without locks.
 */
const tooSlow = (state: Preparing): readonly LinkEffect[] => [
  ...stepDown,
  say("not-reclaimed"),
  store(state, null),
];

const expirePreparing: Cell<Preparing, "expire"> = {
  to: ["stepping-down"],
  step: (state, _event, at) =>
    isOver(state, at) ? go(steppingDown(state, null), ...tooSlow(state)) : no("not-due"),
};

const stopLinked: Cell<Preparing | Up, "stop"> = {
  to: ["leaving", "stopped"],
  step: ({ attempt }, { how }) =>
    how === "release"
      ? go({ state: "leaving", attempt, how }, leave({ attempt }))
      : go(stopped, close("stopping")),
};

/** No attempt to link is in progress. */
const noAttempt = {
  "try-again": "late",
  failed: "late",
  connected: "late",
  refused: "late",
  admitted: "late",
} as const;

const noLink = { stored: "late", ready: "late", alive: "late", closed: "late", left: "late" } as const;

export const serverLinkTable: Table = {
  connecting: {
    begin: {
      to: ["connecting"],
      step: (state, { cookie }) => (state.step === "idle" ? dial({ ...state, cookie }) : no("begun")),
    },
    ...seeking("connecting"),
    ...noLink,
    expire: "not-due",
  },
  away: {
    begin: "begun",
    ...seeking("away"),
    // An answer of the lost link may still arrive. It is ignored, so the hold ends a moment earlier.
    ...noLink,
    expire: {
      to: ["connecting"],
      step: (state, _event, at) => (isOver(state, at) ? go(withoutLocks(state), ...giveUp) : no("not-due")),
    },
  },
  admitted: {
    begin: "begun",
    ...noAttempt,
    // After the next message, the other end of the link may assume that this server has stored the cookie.
    stored: {
      to: ["setting-up"],
      step: named((state) => {
        const { attempt, cookie, isBack, hold } = state;
        const next: ServerLinkState = { state: "setting-up", attempt, cookie, isBack, hold };
        return go(next, ...(isBack ? [] : [keepAlive(state)]), { type: "set-up", attempt, isBack });
      }),
    },
    ready: "late",
    alive: "late",
    left: "late",
    stop: stopLinked,
    closed: { to: ["away"], step: named(linkLost) },
    expire: expirePreparing,
  },
  "setting-up": {
    begin: "begun",
    ...noAttempt,
    stored: "late",
    // A server that came back says `link.alive` only after it has reclaimed its locks. Until then, the other
    // end of the link can still give the locks away.
    ready: {
      to: ["up", "stepping-down"],
      step: named((state, _event, at) => {
        if (isOver(state, at)) return go(steppingDown(state, null), ...tooSlow(state));
        const { attempt, cookie, hold, isBack } = state;
        const next: ServerLinkState = { state: "up", attempt, cookie, hold };
        return isBack
          ? go(next, keepAlive(state), { type: "tell-reclaimed" }, say("linked-again"))
          : go(next, say("linked"));
      }),
    },
    alive: {
      to: ["setting-up"],
      step: named((state, { askedMs }) =>
        state.isBack ? no("late") : go({ ...state, hold: extendHold(state.hold, askedMs) }),
      ),
    },
    left: "late",
    stop: stopLinked,
    closed: { to: ["away"], step: named(linkLost) },
    expire: expirePreparing,
  },
  up: {
    begin: "begun",
    ...noAttempt,
    stored: "late",
    ready: "late",
    alive: {
      to: ["up"],
      step: named((state, { askedMs }) => go({ ...state, hold: extendHold(state.hold, askedMs) })),
    },
    closed: { to: ["away"], step: named(linkLost) },
    left: "late",
    expire: {
      to: ["stepping-down"],
      step: (state, _event, at) =>
        isOver(state, at) ? go(steppingDown(state, state.cookie), ...stepDown) : no("not-due"),
    },
    stop: stopLinked,
  },
  "stepping-down": {
    begin: "begun",
    ...noAttempt,
    stored: "late",
    ready: "late",
    alive: "late",
    closed: {
      to: ["connecting"],
      step: named(({ attempt, cookie }, { why }) =>
        pause({ state: "connecting", attempt, cookie, ...afresh }, say("link-lost", why)),
      ),
    },
    left: "late",
    expire: "not-due",
    stop: { to: ["stopped"], step: () => go(stopped) },
  },
  leaving: {
    begin: "begun",
    "try-again": "late",
    failed: "late",
    connected: "late",
    refused: {
      to: ["stopped"],
      step: named((state, { refusal }) => {
        const forgotten = refusal === "cookie-unknown" ? [store(state, null)] : [];
        return go<ServerLinkState, LinkEffect>(stopped, close("not admitted"), ...forgotten);
      }),
    },
    admitted: {
      to: ["leaving", "stopped"],
      step: named((state, { cookie }) =>
        state.how === "release"
          ? go<ServerLinkState, LinkEffect>(state, store(state, cookie), leave(state))
          : go(stopped, store(state, cookie), close("stopping")),
      ),
    },
    ...noLink,
    left: {
      to: ["stopped"],
      step: named((state, { isDone }) => {
        const forgotten = isDone ? [store(state, null)] : [];
        return go<ServerLinkState, LinkEffect>(stopped, ...forgotten, close("stopping"));
      }),
    },
    expire: "not-due",
    stop: "stopping",
  },
  stopped: {
    begin: "stopping",
    ...noAttempt,
    ...noLink,
    expire: "not-due",
    stop: "stopping",
  },
};

export const decideServerLink = (
  state: ServerLinkState,
  event: LinkEvent,
  at: Now,
): Decision<ServerLinkState, LinkEffect, LinkRefusal> => decideBy(serverLinkTable, state, event, at);
