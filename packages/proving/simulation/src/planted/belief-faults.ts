import type { SourceFault } from "./source-fault.ts";

/**
 * One planted fault for each checker that tests what servers believe. These checkers find few other planted
 * faults.
 */
export const beliefFaults: readonly SourceFault[] = [
  {
    name: "a dropped player stays in the list of players",
    file: "packages/map-server/src/population.ts",
    find: `      this.#players.delete(player.accountId);`,
    put: ``,
    note: "The map-server goes on with a character that belongs to another owner.",
    test: {
      file: "packages/map-server/test/population.test.ts",
      title: "is forgotten without a save, but not by a message about another fence or character",
    },
  },
  {
    name: "the renewal of its lock makes a client at character select leave",
    file: "packages/lock-core/src/owners/account-owner-moves.ts",
    find: `    if (lock === "ours") return next(owner);
    return lock === "free" && at.isRestoring
      ? openAgain(owner)
      : release`,
    put: `    return lock === "free" && at.isRestoring
      ? openAgain(owner)
      : release`,
    note: "No client has time to choose.",
    test: {
      file: "packages/char-server/test/char-server.test.ts",
      title: "keeps its place as long as it stays connected",
    },
  },
  {
    name: "a map-server that comes back makes all players leave",
    file: "packages/char-server/src/map-server-links.ts",
    find: `          const reclaimed = await locks.reclaim(accountId, { owner, ...of });`,
    put: `          const reclaimed = await locks.reclaim(accountId, { owner, ...of });
          await locks.apply(accountId, { type: "evict" }, "logged-in-elsewhere");`,
    note: "A lost link puts all players out.",
    test: {
      file: "packages/char-server/test/map-server-links.test.ts",
      title: "has a character whose account is held here by the same login",
    },
  },
  {
    name: "a client that leaves gets its answer only after a pause",
    file: "packages/map-server/src/char-link.ts",
    find: `      isSaved ||= left.ok;`,
    put: `      isSaved ||= left.ok;
      await new Promise<void>((resolve) => void clock.after(retryMs, resolve));`,
    note: "Every takeover takes that much longer.",
    test: {
      file: "packages/map-server/test/char-link.test.ts",
      title: "continues over the next link",
    },
  },
  {
    name: "a map-server whose own lock was lost restores a character",
    file: "packages/char-server/src/map-server-links.ts",
    find: `        if (!deps.registry.isRecorded(owner)) return refused("unavailable");`,
    put: ``,
    note: "If the map-server is gone before it has a lock again, the character lock stays for ever.",
    test: {
      file: "packages/char-server/test/map-server-links.test.ts",
      title: "a map-server whose own lock was lost after its admission restores no character",
    },
  },
];
