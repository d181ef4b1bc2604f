import fc from "fast-check";
import { expect, test } from "vitest";
import {
  decideBy,
  extendHold,
  go,
  holdEndMs,
  type LinkEffect,
  type LinkEvent,
  type LinkHold,
  type LinkRefusal,
  no,
  type ServerLinkState,
  serverLinkTable,
} from "../src/index.ts";
import {
  anyOf,
  countOf,
  holds,
  holdsForKnown,
  nothing,
  type Step,
  type Subject,
  same,
  type Wrong,
  withFault,
  words,
} from "./random-program.ts";
import { nowMs, timing } from "./sample-locks.ts";

const attempt = fc.constantFrom(1, 2);
const anyCookie = fc.constantFrom(new Uint8Array([1]), new Uint8Array([2]));
const askedMs = fc.constantFrom(nowMs - 5_000, nowMs, nowMs + 5_000, nowMs + 20_000);
const why = fc.constantFrom("ECONNREFUSED", "unanswered");

const events = anyOf<LinkEvent>({
  begin: fc.record({ cookie: fc.option(anyCookie) }),
  "try-again": fc.record({ attempt }),
  failed: fc.record({ attempt, why }),
  connected: fc.record({ attempt }),
  refused: fc.record({ attempt, refusal: fc.constantFrom("unavailable", "cookie-unknown"), why }),
  admitted: fc.record({
    attempt,
    cookie: anyCookie,
    askedMs,
    reconnectMs: fc.constantFrom(timing.reconnectMs),
  }),
  stored: fc.record({ attempt }),
  ready: fc.record({ attempt }),
  alive: fc.record({ attempt, askedMs }),
  closed: fc.record({ attempt, why }),
  expire: nothing,
  stop: fc.record({ how: fc.constantFrom("release", "keep") }),
  left: fc.record({ attempt, isDone: fc.boolean() }),
});

const aim = (event: LinkEvent, state: ServerLinkState): LinkEvent =>
  "attempt" in event && "attempt" in state ? { ...event, attempt: state.attempt } : event;

const holdOf = (state: ServerLinkState): LinkHold | undefined => ("hold" in state ? state.hold : undefined);
const stepOf = (state: ServerLinkState): string => ("step" in state ? state.step : state.state);
const isOpen = (state: ServerLinkState): boolean =>
  ["asking", "admitted", "setting-up", "up", "leaving"].includes(stepOf(state));

/** In each of these steps, a server waits for an event. The effect beside the step causes the event. */
const sought: { readonly [step: string]: LinkEffect["type"] } = {
  pausing: "try-again",
  dialing: "connect",
  asking: "introduce",
  admitted: "store-cookie",
  "setting-up": "set-up",
  "stepping-down": "close",
};

function wrongs({
  before,
  command: event,
  next,
  effects,
  nowMs,
}: Step<ServerLinkState, LinkEvent, LinkEffect>): Wrong[] {
  const [was, is] = [holdOf(before), holdOf(next)];
  const did = (type: LinkEffect["type"]): boolean => countOf(effects, type) > 0;
  const answered =
    (event.type === "admitted" && is?.goodMs === event.askedMs && is.lastsMs < event.reconnectMs) ||
    (event.type === "alive" && is?.goodMs === Math.max(was?.goodMs ?? 0, event.askedMs));
  const cookies = [before, next].map((state) => ("cookie" in state ? state.cookie : undefined));
  const wasBack = before.state === "setting-up" && before.isBack;
  const isEntered = stepOf(next) !== stepOf(before) || ("attempt" in event && next.state !== "leaving");
  const seeks = sought[stepOf(next)];
  return [
    is && !same(was, is) && !answered && "owns its locks for longer than the answers allow",
    wasBack && event.type === "alive" && "owns its locks for longer than the answers allow",
    was && !is && event.type !== "stop" && countOf(effects, "lost") !== 1 && "keeps what it lost",
    did("lost") && !(was && !is) && "drops what it owns",
    is && next.state === "up" && event.type === "ready" && nowMs >= holdEndMs(is) && "up after its time",
    next.state === "up" && before.state !== "up" && event.type !== "ready" && "up before it is ready",
    "attempt" in event &&
      "attempt" in before &&
      event.attempt !== before.attempt &&
      "took the answer to another attempt",
    event.type === "refused" &&
      event.refusal === "cookie-unknown" &&
      Boolean(cookies[1]) &&
      "shows an unknown cookie",
    event.type !== "begin" &&
      cookies[1] !== undefined &&
      !same(cookies[0], cookies[1]) &&
      !effects.some((effect) => effect.type === "store-cookie" && same(effect.cookie, cookies[1])) &&
      "shows another cookie than it stored",
    isEntered && seeks && event.type !== "alive" && countOf(effects, seeks) !== 1 && "waits for nothing",
    isOpen(before) && !isOpen(next) && event.type !== "closed" && !did("close") && "forgets an open link",
    isOpen(before) && next.state === "away" && event.type === "expire" && "gives up an open link",
    did("close") && isOpen(next) && "closes the link that it needs",
    did("keep-alive") && wasBack && next.state !== "up" && "says that it is alive, and reclaims",
    did("keep-alive") &&
      before.state === "admitted" &&
      before.isBack &&
      "says that it is alive, and reclaims",
    did("tell-reclaimed") !== (wasBack && next.state === "up") && "says wrongly that it has reclaimed",
    did("leave") &&
      (event.type === "stop" ? event.how : before.state === "leaving" && before.how) !== "release" &&
      "gives up a server lock that its next process needs",
    before.state === "stopped" && "goes on after its end",
  ];
}

const seeking = { cookie: null, failures: 0, complaint: null } as const;
const cookie = new Uint8Array([1]);
const hold: LinkHold = { goodMs: nowMs - 1_000, lastsMs: timing.reconnectMs * 0.98 };
const samples = {
  connecting: { state: "connecting", attempt: 0, step: "idle", ...seeking },
  dialing: { state: "connecting", attempt: 1, step: "dialing", ...seeking },
  asking: { state: "connecting", attempt: 1, step: "asking", ...seeking },
  away: { state: "away", attempt: 1, step: "pausing", ...seeking, cookie, hold },
  awayDialing: { state: "away", attempt: 1, step: "dialing", ...seeking, cookie, hold },
  awayAsking: { state: "away", attempt: 1, step: "asking", ...seeking, cookie, hold },
  admitted: { state: "admitted", attempt: 1, cookie, isBack: false, hold },
  admittedAgain: { state: "admitted", attempt: 2, cookie, isBack: true, hold },
  "setting-up": { state: "setting-up", attempt: 1, cookie, isBack: false, hold },
  reclaiming: { state: "setting-up", attempt: 2, cookie, isBack: true, hold },
  up: { state: "up", attempt: 1, cookie, hold },
  "stepping-down": { state: "stepping-down", attempt: 1, cookie },
  leaving: { state: "leaving", attempt: 1, how: "release" },
  keeping: { state: "leaving", attempt: 1, how: "keep" },
  stopped: { state: "stopped" },
} as const satisfies { readonly [name: string]: ServerLinkState };

const subjectOf = (table: typeof serverLinkTable): Subject<ServerLinkState, LinkEvent, LinkEffect> => ({
  table,
  initial: { state: "stopped" },
  samples,
  decide: (state, event, at) => decideBy(table, state, event, at),
  deadlineOf: (state) => ("hold" in state ? holdEndMs(state.hold) : null),
  ownerOf: () => null,
  commands: events,
  aim,
  refusals: words<LinkRefusal>({ late: true, begun: true, "not-due": true, stopping: true }),
  timed: ["away", "admitted", "setting-up", "up"],
  wrongs,
});

test("under any events, a server owns its locks as long as the answers allow, and always waits for something", () => {
  holds(subjectOf(serverLinkTable));
});

test.each([
  [
    "an answer counted from its arrival",
    "for longer than the answers allow",
    withFault(serverLinkTable, "up", "alive", {
      to: ["up"],
      step: (state, { attempt }, at) =>
        attempt === state.attempt ? go({ ...state, hold: extendHold(state.hold, at.nowMs) }) : no("late"),
    }),
  ],
  [
    "an answer of an earlier link counted",
    "took the answer to another attempt",
    withFault(serverLinkTable, "up", "alive", {
      to: ["up"],
      step: (state, { askedMs }) => go({ ...state, hold: extendHold(state.hold, askedMs) }),
    }),
  ],
  [
    "a server that is away too long kept its players or accounts",
    "keeps what it lost",
    withFault(serverLinkTable, "away", "expire", {
      to: ["connecting"],
      step: ({ hold, ...state }, _event, at) =>
        at.nowMs >= holdEndMs(hold) ? go({ ...state, state: "connecting" }) : no("not-due"),
    }),
  ],
  [
    "a server that reclaims too slowly went on",
    "up after its time",
    withFault(serverLinkTable, "setting-up", "ready", {
      to: ["up", "stepping-down"],
      step: ({ isBack, ...state }, { attempt }) => {
        if (attempt !== state.attempt) return no("late");
        const next: ServerLinkState = { ...state, state: "up" };
        return isBack ? go(next, { type: "tell-reclaimed" }) : go(next);
      },
    }),
  ],
  [
    "a server that came back asked before it has reclaimed",
    "says that it is alive, and reclaims",
    withFault(serverLinkTable, "admitted", "stored", {
      to: ["setting-up"],
      step: (state, { attempt }) => {
        if (attempt !== state.attempt) return no("late");
        const next: ServerLinkState = { ...state, state: "setting-up" };
        const asks = { type: "keep-alive", attempt, everyMs: 250 } as const;
        return go<ServerLinkState, LinkEffect>(next, asks, { type: "set-up", attempt, isBack: state.isBack });
      },
    }),
  ],
  [
    "a server kept showing an unknown cookie",
    "shows an unknown cookie",
    withFault(serverLinkTable, "away", "refused", {
      to: ["away", "connecting"],
      step: (state, { attempt }) =>
        attempt === state.attempt && state.step === "asking"
          ? go<ServerLinkState, LinkEffect>(
              { ...state, step: "pausing" },
              { type: "close", why: "not admitted" },
              { type: "try-again", attempt, meanMs: 200 },
            )
          : no("late"),
    }),
  ],
  [
    "an admission under way ended with the time of the lost link",
    "waits for nothing",
    withFault(serverLinkTable, "away", "expire", {
      to: ["connecting"],
      step: ({ hold, ...state }, _event, at) =>
        at.nowMs >= holdEndMs(hold)
          ? go({ ...state, state: "connecting", step: "pausing" }, { type: "lost" })
          : no("not-due"),
    }),
  ],
  [
    "a server that stepped down did not link again",
    "waits for nothing",
    withFault(serverLinkTable, "stepping-down", "closed", {
      to: ["connecting"],
      step: ({ attempt, cookie }, event) =>
        event.attempt === attempt
          ? go({ ...seeking, state: "connecting", attempt, step: "pausing", cookie })
          : no("late"),
    }),
  ],
  [
    "a server that is to return gave up its server lock",
    "gives up a server lock that its next process needs",
    withFault(serverLinkTable, "up", "stop", {
      to: ["leaving", "stopped"],
      step: ({ attempt }, { how }) => go({ state: "leaving", attempt, how }, { type: "leave", attempt }),
    }),
  ],
])("it would be seen if %s", (_fault, words, table) => {
  expect(() => holdsForKnown(subjectOf(table))).toThrow(words);
});
