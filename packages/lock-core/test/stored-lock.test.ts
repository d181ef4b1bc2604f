import { describe, expect, test } from "vitest";
import { isAccountLock, isCharacterLock, isServerLock } from "../src/index.ts";
import * as sample from "./sample-locks.ts";

describe.each([
  ["an account", isAccountLock, sample.account],
  ["a character", isCharacterLock, sample.character],
  ["a server", isServerLock, sample.server],
] as const)("the stored lock of %s", (of, isLock, locks) => {
  test.each(Object.entries<object>(locks))("is valid if it is %s", (_state, lock) => {
    expect(isLock(JSON.parse(JSON.stringify(lock)) as object)).toBe(true);
  });

  test.each(Object.entries<object>(locks))(
    "is invalid without any one of the fields of %s",
    (_state, lock) => {
      const isKeptBeside = (name: string): boolean => name === "deadlineMs" && of !== "a server";
      const fields = Object.keys(lock).filter((name) => !optional.has(name) && !isKeptBeside(name));
      for (const missing of fields) {
        expect([missing, isLock({ ...lock, [missing]: undefined })]).toEqual([missing, false]);
        expect([missing, isLock({ ...lock, [missing]: null })]).toEqual([missing, false]);
      }
    },
  );

  test("is invalid in an unknown state", () => {
    for (const state of ["ajar", "toString", "__proto__", 5, null]) expect(isLock({ state })).toBe(false);
    expect(isLock([])).toBe(false);
  });
});

const optional = new Set(["trace", "earlier", "shownCookieHash", "reclaimDeadlineMs"]);
