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
  serverLockCore,
  serverLockTable,
} from "../src/index.ts";
import {
  anyOf,
  countOf,
  holds,
  nothing,
  type Step,
  type Subject,
  type Wrong,
  withFault,
  words,
} from "./random-program.ts";
import { server, timing } from "./sample-locks.ts";

const incarnation = fc.constantFrom("alpha-1", "alpha-2", "alpha-3");
const hash = fc.constantFrom("c1", "c2", "c3");

const commands = anyOf<ServerCommand>({
  connect: fc.record({ incarnation, cookieHash: hash }),
  renew: fc.record({ incarnation }),
  disconnect: fc.record({ incarnation }),
  reconnect: fc.record({ isCookieRight: fc.boolean(), nextCookieHash: hash }),
  release: fc.record({ incarnation }),
  expire: nothing,
});

function aim(command: ServerCommand, lock: ServerLock): ServerCommand {
  if (lock.state === "absent" || !("incarnation" in command)) return command;
  return { ...command, incarnation: lock.incarnation };
}

function wrongs({ before, command, next, effects }: Step<ServerLock, ServerCommand, ServerEffect>): Wrong[] {
  const [was, is] = [before, next].map((lock) => (lock.state === "absent" ? undefined : lock));
  const isGone = was !== undefined && is === undefined;
  return [
    !was && is && command.type !== "connect" && "there without a password",
    was && is && was.incarnation !== is.incarnation && "became another life while the first was there",
    was && is && command.type === "connect" && "connected over one that may come back",
    was &&
      "incarnation" in command &&
      command.type !== "connect" &&
      command.incarnation !== was.incarnation &&
      "another life spoke for it",
    command.type === "reconnect" && !command.isCookieRight && "came back with a wrong cookie",
    command.type === "expire" && was?.state === "connected" && isGone && "gone, and never waited for",
    countOf(effects, "forfeit-locks") !== Number(isGone) && "its locks do not end with it",
    countOf(effects, "resume-locks") !== Number(command.type === "reconnect") && "its locks are not resumed",
    effects.some((effect) => effect.incarnation !== was?.incarnation) && "the locks of another life",
  ];
}

const subjectOf = (table: typeof serverLockTable): Subject<ServerLock, ServerCommand, ServerEffect> => ({
  ...serverLockCore(timing),
  table,
  samples: server,
  decide: (lock, command, at) => decideBy(table, lock, command, at),
  commands,
  aim,
  refusals: words<ServerRefusal>({
    "server-lock-exists": true,
    "no-lock": true,
    "not-owner": true,
    "cookie-wrong": true,
    "too-late": true,
    "not-due": true,
  }),
  timed: ["connected", "away"],
  wrongs,
});

test("whatever is asked of a server lock, one life of the server has it, and its locks end when it does", () => {
  holds(subjectOf(serverLockTable));
});

test.each([
  [
    "a second server of the name takes over",
    "connected over one",
    withFault(serverLockTable, "away", "connect", {
      to: ["connected"],
      step: (lock, { incarnation, cookieHash }) =>
        go({ ...lock, incarnation, cookieHash, state: "connected" }),
    }),
  ],
  [
    "any cookie does",
    "came back with a wrong cookie",
    withFault(serverLockTable, "away", "reconnect", {
      to: ["connected"],
      step: (lock) =>
        go({ ...lock, state: "connected" }, { type: "resume-locks", incarnation: lock.incarnation }),
    }),
  ],
  [
    "a lease that ran out ends everything",
    "gone, and never waited for",
    withFault(serverLockTable, "connected", "expire", {
      to: ["absent"],
      step: ({ incarnation }) => go({ state: "absent" }, { type: "forfeit-locks", incarnation }),
    }),
  ],
  [
    "locks outlive their server",
    "its locks do not end with it",
    withFault(serverLockTable, "away", "release", {
      to: ["absent"],
      step: (lock, { incarnation }) =>
        lock.incarnation === incarnation ? go({ state: "absent" }) : no("not-owner"),
    }),
  ],
])("it would be seen if %s", (_fault, words, table) => {
  expect(() => holds(subjectOf(table))).toThrow(words);
});
