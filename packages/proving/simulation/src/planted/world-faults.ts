import type { SourceFault } from "./source-fault.ts";

/** These planted faults have an effect only while two worlds ask for one account. */
export const worldFaults: readonly SourceFault[] = [
  {
    name: "a world releases an account that another world holds for the same login",
    file: "packages/lock-core/src/account-lock.ts",
    find: `    lock.owner.server === owner.server && lock.loginId1 === loginId1 ? go(free) : no("not-owner"),`,
    put: `    lock.loginId1 === loginId1 ? go(free) : no("not-owner"),`,
    note: "The player goes on while its account is free.",
    test: {
      file: "packages/lock-core/test/account-lock.property.test.ts",
      title:
        "under any commands, an account lock's fence rises, its ids are the newest, and only its owner ends it",
    },
  },
];
