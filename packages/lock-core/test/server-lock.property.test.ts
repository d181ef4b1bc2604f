import fc from "fast-check";
import { expect, test } from "vitest";
import {
  decideBy,
  go,
  no,
  type ServerCommand,
  type ServerEffect,
  type ServerLock,
  type ServerRefusal,
  serverDeadlineOf,
  serverLockCore,
  serverLockTable,
} from "../src/index.ts";
import {
  anyOf,
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
import { reclaiming, server, timing } from "./sample-locks.ts";

const incarnation = fc.constantFrom("alpha-1", "alpha-2", "alpha-3");
/** A new incarnation is a random number. The range is so large that no number occurs twice. */
const newLife = fc.noBias(fc.bigInt({ min: 0n, max: 1n << 64n })).map((drawn) => `alpha-new-${drawn}`);
const hash = fc.constantFrom("c1", "c2", "c3");

const commands = anyOf<ServerCommand>({
  connect: fc.record({ incarnation, cookieHash: hash }),
  renew: fc.record({ incarnation }),
  disconnect: fc.record({ incarnation }),
  reconnect: fc.record({
    isCookieRight: fc.boolean(),
    cookieHash: hash,
    incarnation: newLife,
    nextCookieHash: hash,
  }),
  reclaimed: fc.record({ incarnation }),
  release: fc.record({ incarnation }),
  expire: nothing,
});

function aim(command: ServerCommand, lock: ServerLock): ServerCommand {
  if (lock.state === "absent" || !("incarnation" in command)) return command;
  if (command.type === "reconnect") return { ...command, isCookieRight: true, cookieHash: lock.cookieHash };
  return { ...command, incarnation: lock.incarnation };
}

const incarnationsOf = (lock: ServerLock): readonly string[] =>
  lock.state === "absent" ? [] : [...(lock.earlier ?? []), lock.incarnation];

function wrongs({
  before,
  command,
  next,
  effects,
  nowMs,
}: Step<ServerLock, ServerCommand, ServerEffect>): Wrong[] {
  const [was, is] = [before, next].map((lock) => (lock.state === "absent" ? undefined : lock));
  const isGone = was !== undefined && is === undefined;
  const isBack = command.type === "reconnect";
  const forfeited = effects.flatMap(({ incarnations }) => incarnations);
  const isLeft = (incarnation: string): boolean => incarnationsOf(next).includes(incarnation);
  const lost = isBack ? [] : incarnationsOf(before).filter((incarnation) => !isLeft(incarnation));
  return [
    !was && is && command.type !== "connect" && "there without a password",
    was &&
      is &&
      !isBack &&
      was.incarnation !== is.incarnation &&
      "became another life while the first was there",
    was &&
      isBack &&
      !same(incarnationsOf(next), [...incarnationsOf(before), command.incarnation]) &&
      "came back, and not as one that was there before",
    was && is && command.type === "connect" && "connected over another that may come back",
    was &&
      "incarnation" in command &&
      !isBack &&
      command.type !== "connect" &&
      command.incarnation !== was.incarnation &&
      "another life spoke for it",
    isBack && !command.isCookieRight && "came back with a wrong cookie",
    isBack && was?.state === "connected" && nowMs < was.deadlineMs && "came back over an open link",
    isBack &&
      ![was?.cookieHash, was?.shownCookieHash].includes(command.cookieHash) &&
      "came back with a cookie that was used up",
    isBack && is?.cookieHash !== command.nextCookieHash && "came back, and the cookie stayed",
    is?.shownCookieHash !== undefined && is.earlier === undefined && "a used cookie stayed valid",
    command.type === "expire" && was?.state === "connected" && isGone && "gone without a wait",
    is?.state === "connected" &&
      (is.reclaimDeadlineMs === undefined) !== (is.earlier === undefined) &&
      "waits for locks of earlier lives, and not for how long",
    !same(forfeited, lost) && "locks of an incarnation end without it, or not with it",
  ];
}

/** This server has come back 99 times while it still had locks to reclaim. */
const often = { ...reclaiming, earlier: Array.from({ length: 99 }, (_, nth) => `alpha-0.${nth}`) };
const samples = { ...server, reclaiming, often };

const subjectOf = (table: typeof serverLockTable): Subject<ServerLock, ServerCommand, ServerEffect> => ({
  ...serverLockCore(timing),
  table,
  samples,
  decide: (lock, command, { nowMs }) => decideBy(table, lock, command, { nowMs, timing }),
  deadlineOf: serverDeadlineOf,
  commands,
  aim,
  refusals: words<ServerRefusal>({
    "server-lock-exists": true,
    "no-lock": true,
    "not-owner": true,
    "cookie-wrong": true,
    "too-late": true,
    "too-often": true,
    "not-due": true,
  }),
  timed: ["connected", "away"],
  wrongs,
});

test("under any commands, one incarnation has a server lock, and its locks end when it does", () => {
  holds(subjectOf(serverLockTable));
});

test.each([
  [
    "a second server of the name takes over",
    "connected over another",
    withFault(serverLockTable, "away", "connect", {
      to: ["connected"],
      step: (lock, { incarnation, cookieHash }) =>
        go({ ...lock, incarnation, cookieHash, state: "connected" }),
    }),
  ],
  [
    "any cookie is accepted",
    "came back with a wrong cookie",
    withFault(serverLockTable, "away", "reconnect", {
      to: ["connected"],
      step: ({ incarnation, ...lock }, shown, { nowMs }) =>
        go({
          ...lock,
          state: "connected",
          incarnation: shown.incarnation,
          cookieHash: shown.nextCookieHash,
          shownCookieHash: shown.cookieHash,
          earlier: [...(lock.earlier ?? []), incarnation],
          reclaimDeadlineMs: nowMs,
        }),
    }),
  ],
  [
    "a cookie displaces an open link",
    "came back over an open link",
    withFault(serverLockTable, "connected", "reconnect", {
      to: ["connected"],
      step: ({ incarnation, ...lock }, shown, { nowMs }) =>
        shown.isCookieRight && shown.cookieHash === lock.cookieHash
          ? go({
              ...lock,
              incarnation: shown.incarnation,
              cookieHash: shown.nextCookieHash,
              shownCookieHash: shown.cookieHash,
              earlier: [...(lock.earlier ?? []), incarnation],
              reclaimDeadlineMs: nowMs,
            })
          : no("cookie-wrong"),
    }),
  ],
  [
    "after a second drop the first incarnation is forgotten",
    "locks of an incarnation end without it",
    withFault(serverLockTable, "connected", "disconnect", {
      to: ["away"],
      step: ({ earlier: _, shownCookieHash: __, reclaimDeadlineMs: ___, ...lock }, { incarnation }) =>
        lock.incarnation === incarnation ? go({ ...lock, state: "away" }) : no("not-owner"),
    }),
  ],
  [
    "a cookie stays valid after its successor was used",
    "a used cookie stayed valid",
    withFault(serverLockTable, "connected", "reclaimed", {
      to: ["connected"],
      step: ({ earlier = [], reclaimDeadlineMs: _, ...lock }, { incarnation }) =>
        lock.incarnation === incarnation
          ? go(lock, { type: "forfeit-locks", incarnations: earlier })
          : no("not-owner"),
    }),
  ],
  [
    "an expired lease ends everything",
    "gone without a wait",
    withFault(serverLockTable, "connected", "expire", {
      to: ["absent"],
      step: ({ incarnation, earlier = [] }) =>
        go({ state: "absent" }, { type: "forfeit-locks", incarnations: [...earlier, incarnation] }),
    }),
  ],
  [
    "locks outlive their server",
    "locks of an incarnation end without it, or not with it",
    withFault(serverLockTable, "away", "release", {
      to: ["absent"],
      step: (lock, { incarnation }) =>
        lock.incarnation === incarnation ? go({ state: "absent" }) : no("not-owner"),
    }),
  ],
])("it would be seen if %s", (_fault, words, table) => {
  expect(() => holdsForKnown(subjectOf(table))).toThrow(words);
});
