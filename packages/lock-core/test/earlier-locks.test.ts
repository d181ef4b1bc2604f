import { expect, test } from "vitest";
import { accountLockCore, isAccountLock, isCharacterLock, isServerLock } from "../src/index.ts";
import { account, accountCommand, character, nowMs, server, timing } from "./sample-locks.ts";

/*
 * Locks outlive an upgrade. Earlier versions wrote the locks below: add lines here, and never change one. A
 * new field of a lock must be optional, with a meaning for locks that lack it.
 */

const ids = '"loginId1":11,"loginId2":12,"sex":"female"';
const owner = '"owner":{"server":"alpha","incarnation":"alpha-1"}';
const onMap = `${ids},"accountFence":7,"owner":{"server":"map","incarnation":"map-1"},"charId":150,"charFence":3`;
const target = '"target":{"server":"other","incarnation":"other-1"}';
const told = '"told":{"reason":"banned","untilMs":5,"text":null}';
const serverFields = '"incarnation":"alpha-2","cookieHash":"c2","deadlineMs":1000500';

const written = {
  account: [
    `{"state":"granted",${ids},"fence":7,"deadlineMs":1000500}`,
    `{"state":"granted",${ids},"trace":"feedbeef","fence":7,"deadlineMs":1000500}`,
    `{"state":"held",${ids},"fence":7,${owner}}`,
    `{"state":"evicting",${ids},"fence":7,${owner},"deadlineMs":1000500}`,
    `{"state":"granted",${ids},"fence":7}`,
    `{"state":"evicting",${ids},"fence":7,${owner}}`,
    `{"state":"evicting",${ids},"fence":7,${owner},${told}}`,
  ],
  character: [
    `{"state":"choosing",${ids},"accountFence":7,${owner},"deadlineMs":1000500}`,
    `{"state":"returning",${ids},"accountFence":7,${owner},"deadlineMs":1000500}`,
    `{"state":"handing-over",${ids},"accountFence":7,${owner},"charId":150,${target},"deadlineMs":1000500}`,
    `{"state":"entering",${onMap},"deadlineMs":1000500}`,
    `{"state":"playing",${onMap}}`,
    `{"state":"hopping",${onMap},${target},"deadlineMs":1000500}`,
    `{"state":"evicting",${onMap},"deadlineMs":1000500}`,
    `{"state":"choosing",${ids},"accountFence":7,${owner}}`,
    `{"state":"returning",${ids},"accountFence":7,${owner}}`,
    `{"state":"handing-over",${ids},"accountFence":7,${owner},"charId":150,${target}}`,
    `{"state":"entering",${onMap}}`,
    `{"state":"hopping",${onMap},${target}}`,
    `{"state":"evicting",${onMap}}`,
    `{"state":"evicting",${onMap},${told}}`,
  ],
  server: [
    `{"state":"connected",${serverFields}}`,
    `{"state":"connected",${serverFields},"earlier":["alpha-1"],"shownCookieHash":"c1","reclaimDeadlineMs":1017000}`,
    `{"state":"away",${serverFields}}`,
  ],
};

test.each([
  ["account", isAccountLock, account, "free"],
  ["character", isCharacterLock, character, "free"],
  ["server", isServerLock, server, "absent"],
] as const)("every %s lock that an earlier version wrote is still valid", (of, isLock, sample, nothing) => {
  const locks = written[of].map((text) => JSON.parse(text) as { state: string });
  expect(locks.filter((lock) => !isLock(lock))).toEqual([]);
  // The list must contain a lock in every state.
  const states = new Set([...locks.map(({ state }) => state), nothing]);
  expect(states).toEqual(new Set(Object.keys(sample)));
});

test("a deadline in the value of a lock that an earlier version wrote is ignored", () => {
  const granted = { ...account.granted, deadlineMs: 1 };
  const decided = accountLockCore(timing).decide(granted, accountCommand.hold, { nowMs, isRestoring: false });
  expect(decided).toMatchObject({ ok: true, deadline: "none", when: { is: "not-due" } });
});

test("a lock of a newer version with an added field is valid", () => {
  expect(isAccountLock({ ...account.held, since: 5 })).toBe(true);
});
