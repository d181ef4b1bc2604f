import type { SourceFault } from "./source-fault.ts";

const at = (name: string): string => `packages/char-server/src/${name}.ts`;
const owner = (name: string): string => `packages/lock-core/src/owners/${name}.ts`;

/** Planted faults in what a char-server knows of its accounts, and in what it does next. */
export const accountOwnerFaults: readonly SourceFault[] = [
  {
    name: "an account with two logins is decided by the wrong one",
    file: owner("account-logins"),
    find: `  logins.find((login) => login.loginId1 === loginId1)?.owner ?? absent;`,
    put: `  logins.find((login) => login.loginId1 >= loginId1)?.owner ?? absent;`,
    note: "A late kick puts out a newer login that is choosing.",
    test: {
      file: "packages/char-server/test/account-owners.test.ts",
      title: "a kick reaches the login that it names, and no newer login",
    },
  },
  {
    name: "an account in doubt counts as settled while any login has its character",
    file: at("account-effects"),
    find: `  return lock.loginId1 === loginId1 ? "ours" : "another's";`,
    put: `  return lock.loginId1 === loginId1 ? "ours" : "ours";`,
    note: "If the character belongs to another login, the account stays held.",
    test: {
      file: "packages/char-server/test/account-owners.test.ts",
      title: "is released by the login that has it, even if another login has the character",
    },
  },
  {
    name: "an account in doubt is released although a client is on its way",
    file: owner("account-owner-table"),
    find: `    doubted: lookLater("asking"),
    seen: lookLater("asking"),`,
    put: `    doubted: lookLater("asking"),
    seen: { to: ["releasing"], step: (owner, _event, at) => freed.step(owner, { type: "freed" }, at) },`,
    note: "The client opens its character without the account.",
    test: {
      file: "packages/char-server/test/account-owners.test.ts",
      title: "is not released while a client is on its way to the character, but checked afterwards",
    },
  },
  {
    name: "a client with login ids that are being released may continue",
    file: owner("account-owner-table"),
    find: `    "kick-client": "nobody-here",
    freed,
    released: "late",
    unreleased: "late",
    reclaimed: reclaimedWhileAsking,`,
    put: `    "kick-client": "nobody-here",
    freed: "nothing-held",
    released: "late",
    unreleased: "late",
    reclaimed: reclaimedWhileAsking,`,
    note: "The client opens its character without the account.",
    test: {
      file: "packages/char-server/test/char-server.test.ts",
      title:
        "a client with login ids that are being released must leave: no character opens without its account",
    },
  },
  {
    name: "a client at character select is not told that it lost its lock",
    file: owner("account-owner-moves"),
    find: `      : release(owner, at, ...kicks(owner, "lock-lost"));`,
    put: `      : release(owner, at);`,
    note: "Two clients may choose for one account.",
    test: {
      file: "packages/char-server/test/char-server.test.ts",
      title: "is told to leave when it no longer has its lock",
    },
  },
  {
    name: "a client replaces another that is not told",
    file: owner("account-owner-moves"),
    find: `    next(absent, ...(owner.state === "on-map" ? [] : kicks(owner, reason))),`,
    put: `    next(absent, ...(reason === "" ? kicks(owner, reason) : [])),`,
    note: "Two clients choose for one account.",
    test: {
      file: "packages/lock-core/test/account-owner.test.ts",
      title: "belongs to the one that the login-server confirms, and the other's client must leave",
    },
  },
  {
    name: "what is told about a client counts for the client that replaced it",
    file: owner("account-owner-moves"),
    find: `    owner.visit === event.visit ? step(owner, event, at) : no("late");`,
    put: `    owner.visit === event.visit || owner.visit !== null ? step(owner, event, at) : no("late");`,
    note: "The newer client's lock is given back when the older client leaves.",
    test: {
      file: "packages/lock-core/test/account-owner.test.ts",
      title: "an answer to another request, or to an earlier client, changes nothing",
    },
  },
  {
    name: "character select does not check the account again after it took the character lock",
    file: owner("account-owner-table"),
    find: `    reclaimed: reclaimedHere("entering"),
    lost,`,
    put: `    reclaimed: reclaimedHere("entering"),
    lost: "late",`,
    note: "The client goes on without an account that was lost meanwhile.",
    test: {
      file: "packages/char-server/test/client-visit.test.ts",
      title:
        "a client whose account %s while it gets the character lock releases the lock, and may not choose",
    },
  },
  {
    name: "character select shows the list from before an older login left",
    file: at("account-effects"),
    find: `        visitor?.outdate();
        return visitor?.isConnected === true;`,
    put: `        return visitor?.isConnected === true;`,
    note: "The client does not see where its character was last saved.",
    test: {
      file: "packages/char-server/test/character-list.test.ts",
      title: "shows the state that an older login saves while it leaves",
    },
  },
  {
    name: "a client that is refused the character lock keeps the account",
    file: owner("account-owner-moves"),
    find: `    if (isOurs && !hasRunOut) return next(`,
    put: `    if (!hasRunOut) return next(`,
    note: "The account stays held without a client.",
    test: {
      file: "packages/char-server/test/char-server.test.ts",
      title: "releases its account and makes the older client leave",
    },
  },
  {
    name: "a client at the char door does not make the older one leave",
    file: at("account-effects"),
    find: `        if (evicts !== undefined)
          await locks.evict(accountId, LoginId(evicts), kickFor("logged-in-elsewhere"));`,
    put: `        void [accountId, evicts, LoginId];`,
    note: "The client gets in only once the older one leaves by itself.",
    test: {
      file: "packages/char-server/test/char-server.test.ts",
      title: "releases its account and makes the older client leave",
    },
  },
  {
    name: "a client that leaves while it chooses keeps its lock until the timer",
    file: owner("account-owner-moves"),
    find: `  step: ofVisit((owner: Choosing): Step => next(unknown(owner), abandon, look)),`,
    put: `  step: ofVisit((owner: Choosing): Step => next(unknown(owner), look)),`,
    note: "The account stays held until the timer for choosing runs out.",
    test: {
      file: "packages/char-server/test/char-server.test.ts",
      title: "releases its locks as soon as it disconnects",
    },
  },
  {
    name: "accounts are not checked again after lost locks were restored",
    file: at("account-owners"),
    find: `      this.#wasRestoring = true;`,
    put: ``,
    note: "Accounts stay held though no client has their character.",
    test: {
      file: "packages/char-server/test/char-server.test.ts",
      title:
        "an account is released if the lock store lost all and no map-server comes back with its character",
    },
  },
  {
    name: "an account that may be held is not released",
    file: owner("account-owner-moves"),
    find: `    return owner.mayHold ? next(unknown(owner), refusal, look) : release(owner, at, refusal);`,
    put: `    return owner.mayHold ? next(unknown(owner), refusal, look) : next({ ...absent, ...(at && {}) }, refusal);`,
    note: "If the login-server granted the account and its answer was lost, the account stays held without a client.",
    test: {
      file: "packages/char-server/test/account-owners.test.ts",
      title: "is released, since it may have been granted: %s",
    },
  },
  {
    name: "a failed request for an account in play releases it",
    file: owner("account-owner-moves"),
    find: `    return owner.mayHold ? next(unknown(owner), refusal, look) : release(owner, at, refusal);`,
    put: `    return release(owner, at, refusal);`,
    note: "The player goes on without its account.",
    test: {
      file: "packages/char-server/test/account-owners.test.ts",
      title: "stays with the login that already has it",
    },
  },
  {
    name: "a failed release of an account is not repeated",
    file: owner("account-owner-moves"),
    find: `    owner.request === request ? next(unknown(owner), look) : no("late"),`,
    put: `    owner.request === request ? next(unknown(owner)) : no("late"),`,
    note: "The account stays held without a client.",
    test: {
      file: "packages/char-server/test/account-owners.test.ts",
      title: "is released later if the login-server's store does not answer",
    },
  },
  {
    name: "a late release removes the newer login",
    file: owner("account-logins"),
    find: `    next = decision.next.state === "absent" ? others : [`,
    put: `    next = decision.next.state === "absent" ? [] : [`,
    note: "The newer login's account is not reclaimed, and its client is put out.",
    test: {
      file: "packages/char-server/test/account-owners.test.ts",
      title: "stays with a newer login that came meanwhile",
    },
  },
  {
    name: "a released account still counts as held",
    file: owner("account-owner-moves"),
    find: `    owner.request === request ? next(absent) : no("late"),`,
    put: `    owner.request === request ? next(owner) : no("late"),`,
    note: "The char-server claims the account again when the link comes back.",
    test: {
      file: "packages/char-server/test/account-owners.test.ts",
      title: "is no longer held, in every answer",
    },
  },
  {
    name: "a char-server that comes back does not name the accounts that it holds",
    file: at("login-link"),
    find: `        if (isBack && !(await this.#reclaim(link))) return false;`,
    put: ``,
    note: "The accounts of players are freed while they play.",
    test: {
      file: "packages/char-server/test/account-owners.test.ts",
      title: "names the accounts that it holds, and keeps them",
    },
  },
  {
    name: "a client that lost its account while the link was down is not told",
    file: at("login-link"),
    find: `      kick(login.accountId, login.loginId1, kickFor("lock-lost"));`,
    put: `      void kick;`,
    note: "The client plays on while its account is free.",
    test: {
      file: "packages/char-server/test/account-owners.test.ts",
      title: "disconnects only the clients whose account it lost meanwhile",
    },
  },
  {
    name: "a char-server that was given up still counts its accounts as held",
    file: at("account-owners"),
    find: `    for (const login of this.logins) this.lost(login, reason);`,
    put: `    void reason;`,
    note: "The world's map-servers reclaim characters without accounts.",
    test: {
      file: "packages/char-server/test/account-owners.test.ts",
      title: "a char-server that was given up meanwhile holds no account any more",
    },
  },
  {
    name: "a client with login ids that are being released does not wait",
    file: owner("account-owner-table"),
    find: `  releasing: {
    come: "busy",`,
    put: `  releasing: {
    come: { to: ["asking"], step: (_owner, event, at) => come.step({ state: "absent" }, event, at) },`,
    note: "The client gets the account a moment before it is free.",
    test: {
      file: "packages/char-server/test/account-owners.test.ts",
      title: "is not requested with the same login ids before the release is done",
    },
  },
];
