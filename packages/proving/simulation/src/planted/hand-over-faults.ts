import type { SourceFault } from "./source-fault.ts";

const at = (name: string): string => `packages/char-server/src/${name}.ts`;

/**
 * Planted faults in how the char-server hands characters over, stores characters, and handles messages of
 * map-servers about characters.
 */
export const handOverFaults: readonly SourceFault[] = [
  {
    name: "a hop continues although the last save was refused",
    file: at("hand-over"),
    find: `    if (!passed.ok) return this.#decline(host, hop, passed.refusal);`,
    put: ``,
    note: "The database does not know the new owner's fence, so none of its saves is stored.",
    test: {
      file: "packages/char-server/test/hop.test.ts",
      title: "if its fence is not the newest",
    },
  },
  {
    name: "a character is passed on under the name of the map-server that it leaves",
    file: at("hand-over"),
    find: `characters.pass(save, host.server)`,
    put: `characters.pass(save, owner.server)`,
    note: "The new owner's saves are refused.",
    test: {
      file: "packages/char-server/test/hop.test.ts",
      title:
        "a character that the other map-server accepts belongs to it, as saved, under a fence raised by that save",
    },
  },
  {
    name: "a character is taken under the name of the char-server",
    file: at("hand-over"),
    find: `this.#take(choice, target)`,
    put: `this.#take(choice, choice.owner)`,
    note: "Saves after character select are refused.",
    test: {
      file: "packages/char-server/test/hand-over.test.ts",
      title: "a character that the map-server accepts belongs to that server, under the fence of its loading",
    },
  },
  {
    name: "a map-server is told that it still owns the character, whatever the outcome of the hop",
    file: at("hand-over"),
    find: `    return isPlaying || isUnrestored ? refused(`,
    put: `    return isPlaying || isUnrestored || true ? refused(`,
    note: "The map-server plays on without the lock.",
    test: {
      file: "packages/char-server/test/hop.test.ts",
      title: "if it is asked to release the character meanwhile: the other map-server forgets it ($ok)",
    },
  },
  {
    name: "a failed hop makes the other map-server forget a newer hand-over",
    file: at("hand-over"),
    find: `    if (!isMeant) this.#offers.forget`,
    put: `    if (!isMeant || "owner" in lock) this.#offers.forget`,
    note: "The next hand-over to that map-server is forgotten too.",
    test: {
      file: "packages/char-server/test/hop.test.ts",
      title:
        "a map-server is not told to forget a character that a newer hand-over gives it under the same fence",
    },
  },
  {
    name: "a client is sent to a map-server that did not get the lock",
    file: at("hand-over"),
    find: `    if (!acknowledged.ok) {
      // The client was kicked`,
    put: `    if (acknowledged.nowMs < 0) {
      // The client was kicked`,
    note: "The map-server refuses the client, and goes on expecting its character.",
    test: {
      file: "packages/char-server/test/hand-over.test.ts",
      title: "if it is kicked while the map-server is asked, and the map-server forgets the character",
    },
  },
  {
    name: "a client that leaves during its hand-over keeps the lock",
    file: at("hand-over"),
    find: `    if (!choice.isClientThere()) {`,
    put: `    if (choice.charId < 0) {`,
    note: "The account is held until the map-server gives up.",
    test: {
      file: "packages/char-server/test/hand-over.test.ts",
      title: "if it disconnects meanwhile: the map-server forgets the character, and both locks are free",
    },
  },
  {
    name: "a reclaim does not ask whether the account is held",
    file: at("map-server-links"),
    find: `          if (!deps.accounts.mayHold(accountId, loginId1)) return false;`,
    put: ``,
    note: "A player goes on while its account is free.",
    test: {
      file: "packages/char-server/test/map-server-links.test.ts",
      title: "does not have a character whose account is held here %s",
    },
  },
  {
    name: "a map-server that was refused the lock admits its client",
    file: at("map-server-links"),
    find: `        if (!entered.ok) return refused("lock-lost");
        deps.handOver`,
    put: `        deps.handOver`,
    note: "The player goes on without the lock.",
    test: {
      file: "packages/char-server/test/saving-and-leaving.test.ts",
      title: "is admitted once, and not at all if its map-server has lost the lock",
    },
  },
  {
    name: "a leaving player's lock is released before the save",
    file: at("map-server-links"),
    find: `        const refusal =
          saved === null
            ? null
            : await save(admittedServer(), { charId, fence: charFence, ...parseSaved(saved) });
        const left = await orUnavailable(log, async () =>
          accepted(await leave(admittedServer(), { accountId, charId, charFence }, to)),
        );`,
    put: `        const left = await orUnavailable(log, async () =>
          accepted(await leave(admittedServer(), { accountId, charId, charFence }, to)),
        );
        const refusal =
          saved === null
            ? null
            : await save(admittedServer(), { charId, fence: charFence, ...parseSaved(saved) });`,
    note: "The next owner may load the character without its last changes.",
    test: {
      file: "packages/char-server/test/saving-and-leaving.test.ts",
      title: "is stored before the lock becomes free, and answered afterwards",
    },
  },
  {
    name: "a leaving client is told that it is saved before it is",
    file: at("map-server-links"),
    find: `saved === null
            ? null
            : await save(admittedServer(), { charId, fence: charFence, ...parseSaved(saved) });`,
    put: `saved === null ? null : (save(admittedServer(), { charId, fence: charFence, ...parseSaved(saved) }).catch(() => null), null);`,
    note: "If the save fails, the last changes are lost.",
    test: {
      file: "packages/char-server/test/saving-and-leaving.test.ts",
      title: "is not reported as stored if the database does not answer",
    },
  },
  {
    name: "a save that the store did not answer is acknowledged",
    file: at("map-server-links"),
    find: `      metrics.count("saves", { answer: "unavailable" });
      throw error;`,
    put: `      if (error !== undefined) return null;
      throw error;`,
    note: "The save may never have been stored.",
    test: {
      file: "packages/char-server/test/saving-and-leaving.test.ts",
      title: "is not acknowledged if the database does not answer",
    },
  },
  {
    name: "a save that the fence refused is acknowledged",
    file: at("map-server-links"),
    find: `        return refusal === null ? accepted({}) : refused(refusal);
      },
      "character.leave"`,
    put: `        return refusal === null || refusal === "lock-lost" ? accepted({}) : refused(refusal);
      },
      "character.leave"`,
    note: "A map-server plays on after it lost the character.",
    test: {
      file: "packages/char-server/test/saving-and-leaving.test.ts",
      title: "is refused if the map-server's fence is out of date",
    },
  },
  {
    name: "a client that may not return to character select does not leave either",
    file: at("map-server-links"),
    find: `      if (returned.ok) return;`,
    put: `      if (returned.ok || owner !== null) return;`,
    note: "The lock belongs to a map-server that does not have the character.",
    test: {
      file: "packages/char-server/test/saving-and-leaving.test.ts",
      title: "a player that may not return to character select leaves the world",
    },
  },
  {
    name: "a save that is already being written is replaced",
    file: at("save-queue"),
    find: `    this.#newest = new Map(rest.map((waiting) => [waiting.save.charId, waiting]));`,
    put: ``,
    note: "The newer save is acknowledged with the older one, or never answered.",
    test: {
      file: "packages/char-server/test/save-queue.test.ts",
      title: "of several waiting saves of one character, the newest is written for all",
    },
  },
  {
    name: "waiting saves of two owners become one",
    file: at("save-queue"),
    find: `  a.fence === b.fence && a.owner === b.owner && a.world === b.world;`,
    put: `  a.world === b.world;`,
    note: "One owner gets the other's answer.",
    test: {
      file: "packages/char-server/test/save-queue.test.ts",
      title: "a save under %s is written and answered separately",
    },
  },
  {
    name: "map-servers are not told which maps they lose",
    file: at("map-hosting"),
    find: `      ...(losing ?? []),`,
    put: ``,
    note: "Those map-servers pass no players on, and two of them host one map.",
    test: {
      file: "packages/char-server/test/map-hosting.test.ts",
      title: "has one host: a joining server is told its share, and the earlier one what remains",
    },
  },
  {
    name: "clients are sent to a draining map-server",
    file: at("map-hosting"),
    find: `stateOf(entry) !== "up" || entry.announced === null`,
    put: `stateOf(entry) === "away" || entry.announced === null`,
    note: "The map-server refuses clients until it is gone.",
    test: {
      file: "packages/char-server/test/map-hosting.test.ts",
      title: "passes to others before its draining host is told, or has no host if no other may host it",
    },
  },
  {
    name: "the time for a map-server's answer does not shrink when the database is slow",
    file: at("hand-over"),
    find: `this.#offers.expect(host, expected, answerByMs - clock.nowMs());`,
    put: `this.#offers.expect(host, expected, expectMs(timing));`,
    note: "When the answer comes, the lock is gone, and the client has lost its place.",
    test: {
      file: "packages/char-server/test/hand-over.test.ts",
      title: "if the database is slow: the wait for a silent map-server ends before the lock does",
    },
  },
];
