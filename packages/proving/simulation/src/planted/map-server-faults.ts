import type { SourceFault } from "./source-fault.ts";

const at = (name: string): string => `packages/map-server/src/${name}.ts`;
const ownerTable = "packages/lock-core/src/owners/character-owner-table.ts";

/** Planted faults in how the map-server handles a player, until the last save of the character. */
export const mapServerFaults: readonly SourceFault[] = [
  {
    name: "a delayed hand-over replaces a newer one",
    file: at("population"),
    find: `      if (isNewer(here, character)) return refused("stale-fence");`,
    put: ``,
    note: "A player is dropped without a save.",
    test: {
      file: "packages/map-server/test/population.test.ts",
      title: "is refused if it is %s",
    },
  },
  {
    name: "a player plays on although its account is handed over again",
    file: at("population"),
    find: `      this.#feed(here, { type: "drop", reason: "lock-lost" });
    }`,
    put: `    }`,
    note: "Two players of one account are on the map.",
    test: {
      file: "packages/map-server/test/population.test.ts",
      title: "replaces the player that is here if it is %s",
    },
  },
  {
    name: "an expected character whose client does not come is never forgotten",
    file: ownerTable,
    find: `"wait-over": { to: ["gone"], step: () => go(gone) },`,
    put: `"wait-over": "client-came",`,
    note: "The map-server fills up with characters that never come.",
    test: {
      file: "packages/map-server/test/population.test.ts",
      title: "is given up if no client comes for it in twice the time",
    },
  },
  {
    name: "a character that is evicted before its client came is still expected",
    file: ownerTable,
    find: `kick: { to: ["leaving"], step: (_state, { reason }) => leaveUnseen({ to: "offline", reason }, reason) },`,
    put: `kick: "gone",`,
    note: "A takeover waits for the evict timer.",
    test: {
      file: "packages/map-server/test/population.test.ts",
      title: "is kicked before a client came: its lock is released without a save",
    },
  },
  {
    name: "a map-server does not check the login ids of a client",
    file: at("population"),
    find: ` && player.loginId1 === shown.loginId1`,
    put: ``,
    note: "A client of an older login enters in place of the newer one.",
    test: {
      file: "packages/map-server/test/population.test.ts",
      title: "is not entered with another %s",
    },
  },
  {
    name: "a client that is dropped while it enters still plays",
    file: ownerTable,
    find: `  gone: {
    enter: "not-expected",
    ...notEntering,`,
    put: `  gone: {
    enter: "not-expected",
    ...notEntering,
    granted: {
      to: ["playing"],
      step: () => play({ newest: 0, saving: null, isStoredKnown: true, saveDueMs: 0, unsavedSinceMs: null }),
    },`,
    note: "The client plays without the lock.",
    test: {
      file: "packages/map-server/test/population.test.ts",
      title: "the loss of the lock ends the entry, and nothing more is asked",
    },
  },
  {
    name: "the lock of a client that is not admitted is not released",
    file: ownerTable,
    find: `      step: ({ kickReason }) =>
        leaveUnseen({ to: "offline", reason: null }, kickReason, { type: "let-go-of-client" }),`,
    put: `      step: () => go(gone),`,
    note: "This server keeps the lock for good.",
    test: {
      file: "packages/map-server/test/population.test.ts",
      title: "the answer %s makes it release the lock, if there is one, and tell the client %s",
    },
  },
  {
    name: "a client that is evicted while it enters plays on",
    file: ownerTable,
    find: `kickReason !== null || !isConnected`,
    put: `!isConnected`,
    note: "The character is taken away unsaved when the evict timer runs out.",
    test: {
      file: "packages/map-server/test/population.test.ts",
      title: "a kick waits for the answer, then releases the lock and tells the reason",
    },
  },
  {
    name: "a player that must leave during its hop does not wait for the outcome",
    file: ownerTable,
    find: `      to: ["hopping"],
      step: (state, { reason }) =>
        go({
          ...state,
          departure: state.departure ?? { to: "offline", reason },
          kickReason: state.kickReason ?? reason,
        }),`,
    put: `      to: ["leaving"],
      step: (state, { reason }) => leaveMap(state, { to: "offline", reason }, reason),`,
    note: "The server saves the character and gives it back while another map-server takes it.",
    test: {
      file: "packages/map-server/test/hop.test.ts",
      title: "a kick waits for the outcome, and then the client is told the reason",
    },
  },
  {
    name: "a change of attributes does not count as a change",
    file: at("player"),
    find: `  attributes !== stored.attributes ||`,
    put: ``,
    note: "The change is not saved.",
    test: {
      file: "packages/map-server/test/leaving.test.ts",
      title: "is due for a player that is where it was, but whose attributes changed on the way",
    },
  },
  {
    name: "a save that was not answered counts as stored",
    file: at("saves"),
    find: `    if (saved.ok) player.stored = save;`,
    put: `    player.stored = save;
    if (!saved.ok && saved.refusal === "unanswered")
      return this.#deps.feed(player, { type: "saved", save: saveNumber });`,
    note: "A player that leaves then is not saved again.",
    test: {
      file: "packages/map-server/test/leaving.test.ts",
      title: "is repeated soon if its outcome is unknown",
    },
  },
  {
    name: "a save that its client asked for is answered before it is stored",
    file: at("saves"),
    find: `    this.#deps.feed(player, { type: "save" });
    await this.#settled(player);
    return player.stored.saveNumber >= saveNumber ? accepted({}) : unavailable();`,
    put: `    this.#deps.feed(player, { type: "save" });
    void saveNumber;
    return accepted({});`,
    note: "A crash loses what the client was told is saved.",
    test: {
      file: "packages/map-server/test/asked-saves.test.ts",
      title: "is made at once, under the fence of the player, and is answered when it is stored",
    },
  },
  {
    name: "a client that asks for a save is told of the one before",
    file: at("saves"),
    find: `    // A save that is under way may have the state before the last change.
    await this.#settled(player);
    const { owner } = player;`,
    put: `    if ("saving" in player.owner && player.owner.saving !== null) {
      await this.#settled(player);
      return accepted({});
    }
    const { owner } = player;`,
    note: "A crash loses what the client was told is saved.",
    test: {
      file: "packages/map-server/test/asked-saves.test.ts",
      title: "waits for the save that is under way, and then saves what changed since that began",
    },
  },
  {
    name: "a player that lost its lock plays on",
    file: ownerTable,
    find: `        if (why === "lock-lost") return leaveMap(next, { to: "offline", reason: why }, null, ...tell(why));`,
    put: ``,
    note: "None of the player's progress is stored.",
    test: {
      file: "packages/map-server/test/leaving.test.ts",
      title: "that finds the lock lost disconnects the player at once, and releases what is left",
    },
  },
  {
    name: "a player that hopped to another map-server is kept here as well",
    file: ownerTable,
    find: `      step: ofHop(({ to }) => go<CharacterOwner, Effect>(gone, takeFromMap, say("hopped", { map: to.map }))),`,
    put: `      step: ofHop((state) => play(state, say("hopped", { map: state.to.map }))),`,
    note: "The character is on two maps.",
    test: {
      file: "packages/map-server/test/hop.test.ts",
      title: "is told where to go and then forgotten, without another save",
    },
  },
  {
    name: "a player that was dropped during a hop plays on when the hop has failed",
    file: ownerTable,
    find: `    ...noHop,
    kick: "gone",`,
    put: `    ...noHop,
    "not-hopped": {
      to: ["leaving"],
      step: () => leaveUnseen({ to: "offline", reason: "save-failed" }, null),
    },
    kick: "gone",`,
    note: "The server saves the character and gives it back without the lock.",
    test: {
      file: "packages/map-server/test/hop.test.ts",
      title:
        "a client that disconnects does not release a lock that another server owns, even if the answer is %s",
    },
  },
  {
    name: "a player is not saved periodically, only when it leaves",
    file: ownerTable,
    find: `        return state.isStoredKnown && !isChanged ? go(next) : beginSave(next);`,
    put: `        return go(next);`,
    note: "A crash loses all progress since the player came.",
    test: {
      file: "packages/map-server/test/leaving.test.ts",
      title: "is due for a changed player one period after the last save",
    },
  },
  {
    name: "saves of one owner all have the same number",
    file: ownerTable,
    find: `  const save = state.newest + 1;
  return play({`,
    put: `  const save = 1;
  return play({`,
    note: "A delayed save replaces a newer one.",
    test: {
      file: "packages/map-server/test/hop.test.ts",
      title: "is numbered in one series with the saves before and after it, from 1",
    },
  },
  {
    name: "a leave is requested only once",
    file: at("char-link"),
    find: `releaseMs) ? null : retryMs,`,
    put: `releaseMs) ? null : null,`,
    note: "This server keeps the lock of a character that has left.",
    test: {
      file: "packages/map-server/test/char-link.test.ts",
      title: "is requested in the same words until an answer tells its outcome",
    },
  },
  {
    name: "a lock that is not released with the save is not released later",
    file: at("char-link"),
    find: `    if (!isIn(player, "gone")) this.#releaseLater(of).catch(failed);`,
    put: `    void failed;`,
    note: "This server keeps the lock of a character that has left.",
    test: {
      file: "packages/map-server/test/char-link.test.ts",
      title: "counts as done for the client once all is saved, and the lock is released as soon as possible",
    },
  },
  {
    name: "a player that was lost while the link was down plays on",
    file: at("char-link"),
    find: `        forget(player, kickFor("lock-lost"));`,
    put: `        void forget;`,
    note: "The character is on two maps.",
    test: {
      file: "packages/map-server/test/char-link-lost.test.ts",
      title: "forgets players that it no longer owns, but leaves the leaving ones to their own requests",
    },
  },
  {
    name: "a map-server that comes back does not name its players",
    file: at("char-link"),
    find: `        if (isBack && !(await this.#reclaim(link))) return false;`,
    put: ``,
    note: "The players' locks are freed while they play.",
    test: {
      file: "packages/map-server/test/char-link-lost.test.ts",
      title: "reclaims all players in batches, then announces its maps, and that reclaiming is complete",
    },
  },
  {
    name: "a map-server that is given up keeps its players",
    file: at("map-server"),
    find: `    lost: () => population.dropAll("cluster-link-lost"),`,
    put: `    lost: () => undefined,`,
    note: "The players go on while other servers have their characters.",
    test: {
      file: "packages/map-server/test/map-server.test.ts",
      title: "a player under a link that was given up is disconnected at once, and is not saved",
    },
  },
  {
    name: "a map-server that stops does not wait until all are saved",
    file: at("map-server"),
    find: `      await population.stop("server-stopping");`,
    put: `      void population.stop("server-stopping");`,
    note: "The last changes of the players are lost.",
    test: {
      file: "packages/map-server/test/map-server.test.ts",
      title: "a map-server that stops keeps its link until all players are saved and have left",
    },
  },
  {
    name: "a draining map-server still expects new players",
    file: at("drain"),
    find: `  population.close();`,
    put: ``,
    note: "The map-server may never empty.",
    test: {
      file: "packages/map-server/test/drain.test.ts",
      title: "accepts no new player from the moment of the order",
    },
  },
  {
    name: "a drain gives up before other map-servers are linked again",
    file: at("drain"),
    find: `link.isDrainTold && link.areOthersLinked;`,
    put: `link.isDrainTold;`,
    note: "The maps of the draining map-server go to nobody, and its players are disconnected.",
    test: {
      file: "packages/map-server/test/drain.test.ts",
      title: "waits until other map-servers are linked again, and passes its players on to them",
    },
  },
  {
    name: "a drain is over as soon as the char-server knows of it",
    file: at("drain"),
    find: `return isDecided && population.strays.length === 0 ?`,
    put: `return isDecided ?`,
    note: "Players are put out instead of passed on.",
    test: {
      file: "packages/map-server/test/drain.test.ts",
      title: "is done once all players are passed on, and reports its progress meanwhile",
    },
  },
  {
    name: "a walking player is passed on without being stopped",
    file: at("population"),
    find: `if (!isIn(player, "playing") || this.mapOf(player)?.halt(player) === false) return false;`,
    put: `if (!isIn(player, "playing")) return false;`,
    note: "The player's progress meanwhile is lost.",
    test: {
      file: "packages/map-server/test/stray-moves.test.ts",
      title: "stops walking first, so that its last position is passed on",
    },
  },
  {
    name: "a hopping player may walk",
    file: at("client-visit"),
    find: `        if (isIn(walker, "hopping")) return refused("unavailable", hopRetryMs);`,
    put: ``,
    note: "The player's steps during the hop are lost.",
    test: {
      file: "packages/map-server/test/hop.test.ts",
      title: "cannot walk until the answer comes, but is still seen and heard",
    },
  },
  {
    name: "a client that disconnects stays on its map",
    file: at("client-visit"),
    find: `      if (player !== null) void population.leave(player, "offline", null);`,
    put: ``,
    note: "The account is held until the next login.",
    test: {
      file: "packages/map-server/test/hop.test.ts",
      title: "a client that disconnects releases the lock that is still here",
    },
  },
  {
    name: "a map that another server hosts stops for the players who are still on it",
    file: at("hosted-maps"),
    find: `      if (this.#hosted.has(map) || inUse.has(map)) continue;`,
    put: `      if (this.#hosted.has(map)) continue;`,
    note: "Until players are passed on, they stand still at the place where they arrived.",
    test: {
      file: "packages/map-server/test/stray-moves.test.ts",
      title: "is passed on where it stands, is told where to go, and is not saved here any more",
    },
  },
  {
    name: "a drain that begins while the link is set up is not announced",
    file: at("char-link"),
    find: `return this.#isDrainTold === this.#isDraining || this.#announce(link);`,
    put: `return true;`,
    note: "The players are thrown out at the end of the drain.",
    test: {
      file: "packages/map-server/test/char-link.test.ts",
      title: "announces a drain that begins while the link is being set up",
    },
  },
];
