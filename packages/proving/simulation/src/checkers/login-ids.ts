import { lockKindOf } from "@sallyport/lock-core";
import type { Checker } from "./checker.ts";

/**
 * Only a login creates login ids. Until the next login, an account lock carries the login ids that the last
 * login got.
 */
export const createLoginIds = (): Checker => {
  /** The key is a login id. The value has the account and the fence. */
  const granted = new Map<number, string>();
  let hasLost = false;
  return {
    name: "login-ids",
    rules: {
      "locks-lost": ({ tier }) => {
        hasLost ||= tier === "login";
        return null;
      },
      "lock-changed": ({ key, before, after }) => {
        if (lockKindOf(key) !== "account" || after === null) return null;
        const { state, loginId1 = 0 } = after;
        if (state === "granted") {
          if (granted.has(loginId1)) return `${key} was granted twice with the same login ids`;
          granted.set(loginId1, `${key} under ${after.fence}`);
          return null;
        }
        if (before?.loginId1 === loginId1 && before.fence === after.fence) return null;
        // After a loss, an owner can restore the lock with earlier ids.
        if (hasLost && granted.get(loginId1) === `${key} under ${after.fence}`) return null;
        return `${key} became ${state} with login ids other than the granted ones: ${JSON.stringify({ before, after })}`;
      },
    },
  };
};
