import type { SourceFault } from "./source-fault.ts";

const at = (name: string): string => `packages/char-server/src/${name}.ts`;

/**
 * Planted faults in how the char-server takes, releases and reclaims account locks, and in its answers to
 * messages about these locks.
 */
export const charServerFaults: readonly SourceFault[] = [
  {
    name: "a char-server leaves banned players to the login-server",
    file: "packages/char-server/src/orders.ts",
    find: `  if (banned.size === 0) return;`,
    put: `  if (banned.size >= 0) return;`,
    note: "A ban does not bite while the link to the login-server is down.",
    test: {
      file: "packages/char-server/test/orders.test.ts",
      title: "a banned player is asked for although the login-server cannot ask, and is told until when",
    },
  },
  {
    name: "an operator keeps the account that it changed",
    file: at("account-operations"),
    find: `      accounts.tell(stay, "gone");`,
    put: ``,
    note: "Nobody can log in to the account of a character that was renamed.",
    test: {
      file: "packages/char-server/test/character-changes.test.ts",
      title: "is saved and leaves before it is renamed, and the account is released afterwards",
    },
  },
  {
    name: "a kick does not compare login ids",
    file: at("character-locks"),
    find: `if (lock.state === "free" || lock.loginId1 !== loginId1) return false;`,
    put: `if (lock.state === "free") return false;`,
    note: "A late kick puts out the newer login.",
    test: {
      file: "packages/char-server/test/character-locks.test.ts",
      title: "does nothing to a login newer than the one that the kick names",
    },
  },
  {
    name: "a lock change that the store did not answer is not checked again",
    file: "packages/lock-store/src/locks-by-account.ts",
    find: `      of.doubted?.(accountId);`,
    put: ``,
    note: "The account lock may stay for good.",
    test: {
      file: "packages/char-server/test/char-server.test.ts",
      title: "an account is released even if the store did not confirm that its character lock is free",
    },
  },
  {
    name: "accounts in doubt are never checked",
    file: at("char-server"),
    find: `    background(() => accounts.settle());`,
    put: ``,
    note: "Account locks may stay for good, whatever caused the doubt.",
    test: {
      file: "packages/char-server/test/char-server.test.ts",
      title: "an account is released even if the store did not confirm that its character lock is free",
    },
  },
  {
    name: "a char-server does not act on the loss of an account that it asked for",
    file: at("confirmations"),
    find: `if (lost.has(accountId)) kick(accountId, loginId1, kickFor("lock-lost"));`,
    put: `if (lost.has(accountId)) continue;`,
    note: "If hints get lost, an older client plays on for as long as it likes, in another world than the newer one.",
    test: {
      file: "packages/char-server/test/char-server.test.ts",
      title: "makes its player leave if another server has it by now",
    },
  },
  {
    name: "a character is opened before map-servers have restored theirs",
    file: "packages/lock-core/src/character-lock-table.ts",
    find: `        command.isAgain ? go(choosing(command, command.owner)) : no("being-restored"),`,
    put: `        go(choosing(command, command.owner)),`,
    note: "After a loss of the locks, a character is on two map-servers.",
    test: {
      file: "packages/char-server/test/character-locks.test.ts",
      title: "is granted to no client while its owner may restore it, and to the next client after that",
    },
  },
  {
    name: "a char-server does not make a client at character select leave",
    file: at("lock-effects"),
    find: `      return accounts.kickClient({ accountId, loginId1: loginIdOf(effect) }, kick);`,
    put: `      return;`,
    note: "The client still seems able to choose, beside the client that took over.",
    test: {
      file: "packages/char-server/test/char-server.test.ts",
      title: "is released by the client at character select, which is told why it must leave",
    },
  },
  {
    name: "a map-server is not told that it lost a character",
    file: at("lock-effects"),
    find: `      if (effect.type === "lost") return link?.notify({ type: "character.forget", ...of });`,
    put: `        if (effect.type === "lost") return;`,
    note: "The character plays on there, beside its new owner.",
    test: {
      file: "packages/char-server/test/char-server.test.ts",
      title: "is requested from the map-server that has its character, which is told if it took too long",
    },
  },
  {
    name: "a map-server is not asked to release a character",
    file: at("lock-effects"),
    find: `      void link?.ask({ type: "character.kick", ...of }, waits.kickMs);`,
    put: ``,
    note: "The character is taken away unsaved when the evict timer runs out.",
    test: {
      file: "packages/char-server/test/char-server.test.ts",
      title: "is requested from the map-server that has its character, which is told if it took too long",
    },
  },
  {
    name: "a char-server that lost its accounts disconnects no client",
    file: at("char-server"),
    find: `      retryInBackground(() => evictUnheld(owners(), "cluster-link-lost"));`,
    put: ``,
    note: "Players go on while their accounts are free.",
    test: {
      file: "packages/char-server/test/char-server.test.ts",
      title: "makes all players leave",
    },
  },
  {
    name: "a restarted char-server does not search for characters whose accounts it lost",
    file: at("char-server"),
    find: `      if (!hasBeenAdmitted) retryInBackground(() => evictUnheld(hosting.mapServers, "lock-lost"));`,
    put: ``,
    note: "Players go on without their accounts.",
    test: {
      file: "packages/char-server/test/char-server.test.ts",
      title: "makes the players leave whose account it no longer holds",
    },
  },
  {
    name: "a restarted char-server makes all players leave, even if it holds their accounts",
    file: at("char-server"),
    find: `(...each) => !accounts.mayHold(...each));`,
    put: `(...each) => each.length > 0);`,
    note: "A restart of the char-server puts out the whole world.",
    test: {
      file: "packages/char-server/test/char-server.test.ts",
      title: "keeps its accounts, and the players who have them play on",
    },
  },
  {
    name: "a request to leave is not repeated if the lock store does not answer",
    file: at("char-server"),
    find: `    untilAvailable(host, work, { waits, isOver: () => isOver }).catch(failed);`,
    put: `    background(work);
    void [untilAvailable, waits, isOver];`,
    note: "The player goes on without its account.",
    test: {
      file: "packages/char-server/test/char-server.test.ts",
      title: "is requested as soon as the lock store answers, if it did not at first",
    },
  },
  {
    name: "a choosing client loses its place after a time",
    file: at("char-server"),
    find: `clock.every(Math.max(50, timing.chooseMs / 3), () => accounts.renew());`,
    put: `clock.every(Math.max(50, timing.chooseMs * 3), () => accounts.renew());`,
    note: "The client is put out only for taking its time.",
    test: {
      file: "packages/char-server/test/char-server.test.ts",
      title: "keeps its place as long as it stays connected",
    },
  },
  {
    name: "a client that left still counts as choosing",
    file: at("client-visit"),
    find: `    if (this.#stay !== null) this.#deps.accounts.tell(this.#stay, "gone");`,
    put: `    if (this.#stay === null) this.#deps.accounts.tell(this.#stay as never, "gone");`,
    note: "The lock of the client that left is renewed for ever.",
    test: {
      file: "packages/char-server/test/char-server.test.ts",
      title: "releases its locks as soon as it disconnects",
    },
  },
  {
    name: "a client that was refused cannot enter again",
    file: at("client-visit"),
    find: `    if (!entered.ok) {
      this.#stay = null;
      return entered;`,
    put: `    if (!entered.ok) {
      return entered;`,
    note: "A client whose store did not answer has to connect again.",
    test: {
      file: "packages/char-server/test/client-visit.test.ts",
      title: "a client that was refused may enter again over the same connection",
    },
  },
  {
    name: "the older of two links of one map-server counts",
    file: at("map-hosting"),
    find: `[...this.#entries.values()].findLast((entry)`,
    put: `[...this.#entries.values()].find((entry)`,
    note: "A map-server that came back gets no characters.",
    test: {
      file: "packages/char-server/test/map-hosting.test.ts",
      title: "is hosted over the newest link of its server, even while an older link still counts as up",
    },
  },
];

export const charServerStopFaults: readonly SourceFault[] = [
  {
    name: "a char-server that stops releases locks although a player has not left",
    file: at("char-server"),
    find: `          isReleased = isEmpty;`,
    put: `          isReleased = isEmpty || true;`,
    note: "Characters that are still on a map are free.",
    test: {
      file: "packages/char-server/test/char-server.test.ts",
      title: "keeps the account of a player who has not left in time",
    },
  },
  {
    name: "a char-server that stops counts a player of an earlier incarnation as gone",
    file: at("char-server"),
    find: `      [incarnation, ...earlier].map((each) => ({ server, incarnation: each })),`,
    put: `      [incarnation].map((each) => ({ server, incarnation: each, of: earlier })),`,
    note: "A map-server loses its players although its link has just come back.",
    test: {
      file: "packages/char-server/test/char-server.test.ts",
      title: "keeps the account of a player on a map-server that has just come back",
    },
  },
  {
    name: "a char-server that stops counts a player of a map-server that is away as gone",
    file: at("char-server"),
    find: `[...linked, ...away.flat(), self]`,
    put: `[...linked, self]`,
    note: "The player goes on without its account.",
    test: {
      file: "packages/char-server/test/char-server.test.ts",
      title: "keeps the account of a player on a map-server whose link is down",
    },
  },
  {
    name: "a char-server that has emptied its world readmits map-servers",
    file: at("empty-world"),
    find: `      admitNobody();`,
    put: ``,
    note: "A map-server that comes back at that moment loses its players.",
    test: {
      file: "packages/char-server/test/empty-world.test.ts",
      title: "a world is empty if it is still empty after its entrance was closed",
    },
  },
  {
    name: "a char-server that restarts gives up its accounts",
    file: at("char-server"),
    find: `await login.stop(isReleased || accounts.holdsNone ? "release" : "keep");`,
    put: `await login.stop("release");`,
    note: "All players on maps go on without an account.",
    test: {
      file: "packages/char-server/test/char-server.test.ts",
      title: "keeps its accounts, and the players who have them play on",
    },
  },
  {
    name: "a char-server that restarts passes no player on",
    file: at("char-server"),
    find: `      if (how === "keep") await mapServersDrained(`,
    put: `      if (how === "keep") await handOver.stop(), await mapServersDrained(`,
    note: "Map-servers that stop with the char-server throw out their players.",
    test: {
      file: "packages/char-server/test/char-server.test.ts",
      title:
        "a char-server that stops together with a map-server lets the map-server pass its players on first",
    },
  },
];
