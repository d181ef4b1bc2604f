import type { SourceFault } from "./source-fault.ts";

const at = (name: string): string => `packages/map-server/src/${name}.ts`;

/** Faults in the players of a map, from the time they are expected until their last save. */
export const mapServerFaults: readonly SourceFault[] = [
  {
    name: "a hand-over that was held up replaces a newer one",
    file: at("population"),
    find: `      if (isNewer(present, character)) return refused("stale-fence");`,
    put: ``,
    note: "A player is dropped without a save.",
    test: {
      file: "packages/map-server/test/population.test.ts",
      title: "is refused where it is %s",
    },
  },
  {
    name: "who is still here as its account comes anew plays on",
    file: at("population"),
    find: `      this.#drop(present, "lock-lost");
    }`,
    put: `    }`,
    note: "Two players of one account are on the map.",
    test: {
      file: "packages/map-server/test/population.test.ts",
      title: "takes the place of who is here where it is %s",
    },
  },
  {
    name: "who is expected and does not come is never forgotten",
    file: at("population"),
    find: `      if (player.phase === "expected") this.#remove(player);`,
    put: ``,
    note: "The map-server fills up with characters that never come.",
    test: {
      file: "packages/map-server/test/population.test.ts",
      title: "is let go when nobody comes for it in twice the time",
    },
  },
  {
    name: "who is asked to go before it has come is expected on",
    file: at("population"),
    find: `    if (player.phase !== "entering") void this.leave(player, "offline", reason);`,
    put: `    if (player.phase === "playing") void this.leave(player, "offline", reason);`,
    note: "A takeover waits for the evict timer.",
    test: {
      file: "packages/map-server/test/population.test.ts",
      title: "is kicked before anybody came: its lock is given back with nothing to save",
    },
  },
  {
    name: "a map-server does not look at the login ids that are shown",
    file: at("population"),
    find: `      player.loginId1 === shown.loginId1 &&
`,
    put: ``,
    note: "A client of an older login enters in place of the newer one.",
    test: {
      file: "packages/map-server/test/population.test.ts",
      title: "is not entered with another %s",
    },
  },
  {
    name: "who was dropped while it entered plays all the same",
    file: at("population"),
    find: `    if ((player.phase as Player["phase"]) !== "entering") return refused("not-expected");`,
    put: ``,
    note: "The client plays without the lock.",
    test: {
      file: "packages/map-server/test/population.test.ts",
      title: "a lock that is lost ends it, and nothing more is asked",
    },
  },
  {
    name: "who is not let in is not given back",
    file: at("population"),
    find: `      void this.leave(player, "offline", null);
      return refused(entered`,
    put: `      return refused(entered`,
    note: "This server keeps the lock for good.",
    test: {
      file: "packages/map-server/test/population.test.ts",
      title: "%s as its answer gives back the lock, should there be one, and is %s",
    },
  },
  {
    name: "who was asked to go while it entered plays on",
    file: at("population"),
    find: `    if (player.kickReason !== null || !client.isConnected) {`,
    put: `    if (!client.isConnected) {`,
    note: "The character is taken away unsaved when the evict timer runs out.",
    test: {
      file: "packages/map-server/test/population.test.ts",
      title: "a kick waits for the answer, and then gives back the lock and tells why",
    },
  },
  {
    name: "who is to leave while it hops is not waited for",
    file: at("population"),
    find: `    if (player.phase === "hopping") await player.hop;`,
    put: ``,
    note: "The server saves the character and gives it back while another map-server takes it.",
    test: {
      file: "packages/map-server/test/hop.test.ts",
      title: "a kick waits for what becomes of it, and then has its reason told",
    },
  },
  {
    name: "what a player got is not counted as a change",
    file: at("player"),
    find: `  state.attributes !== saved.attributes ||`,
    put: ``,
    note: "The change is not saved.",
    test: {
      file: "packages/map-server/test/leaving.test.ts",
      title: "is due for a player that stands where it stood, but has got something on the way",
    },
  },
  {
    name: "a save that was not answered counts as stored",
    file: at("population"),
    find: `    if (saved.ok) player.saved = state;`,
    put: `    player.saved = state;
    if (saved.ok) player.isSaving = false;`,
    note: "A player that leaves then is not saved again.",
    test: {
      file: "packages/map-server/test/leaving.test.ts",
      title: "is done again soon where nobody knows what became of it",
    },
  },
  {
    name: "who lost its lock plays on",
    file: at("population"),
    find: `    else if (saved.refusal === "lock-lost") return this.#lose(player);`,
    put: ``,
    note: "None of the player's progress is stored.",
    test: {
      file: "packages/map-server/test/leaving.test.ts",
      title: "that found the lock lost puts the player out at once, and gives back what there is of it",
    },
  },
  {
    name: "who has gone on to another map-server is kept here as well",
    file: at("population"),
    find: `      this.#takeFromMap(player);
      this.#remove(player);
      this.#deps.log.info({ ...marksOf(player), map }, "went on to another map-server");`,
    put: `      player.phase = "playing";
      this.#deps.log.info({ ...marksOf(player), map }, "went on to another map-server");`,
    note: "The character is on two maps.",
    test: {
      file: "packages/map-server/test/hop.test.ts",
      title: "is told where to go and forgotten, with nothing saved any more",
    },
  },
  {
    name: "who was dropped while it hopped plays on when the hop has failed",
    file: at("population"),
    find: `    if (isGone(player)) return;
    if (hopped.ok) {`,
    put: `    if (hopped.ok) {`,
    note: "The server saves the character and gives it back without the lock.",
    test: {
      file: "packages/map-server/test/hop.test.ts",
      title: "a client that goes gives nothing back of what is another's by then, though the answer is %s",
    },
  },
  {
    name: "nobody is saved before it leaves",
    file: at("population"),
    find: `      if (isUnsaved(player, this.#stateOf(player))) this.#save(player).catch(this.#deps.failed);`,
    put: ``,
    note: "A crash loses all progress since the player came.",
    test: {
      file: "packages/map-server/test/leaving.test.ts",
      title: "is due for who changed, when the last save is a period ago",
    },
  },
  {
    name: "saves of one owner all have the same number",
    file: at("char-link"),
    find: `  player.saveNumber += 1;`,
    put: `  player.saveNumber = 1;`,
    note: "A delayed save replaces a newer one.",
    test: {
      file: "packages/map-server/test/char-link.test.ts",
      title: "is counted with the saves before and after it, which are numbered from 1",
    },
  },
  {
    name: "leaving is asked for once",
    file: at("char-link"),
    find: `      await delay(clock, retryMs);
    }
    if (!isSaved)`,
    put: `      break;
    }
    if (!isSaved)`,
    note: "This server keeps the lock of a character that has left.",
    test: {
      file: "packages/map-server/test/char-link.test.ts",
      title: "is asked for in the same words until there is an answer that says what became of it",
    },
  },
  {
    name: "who is saved, and not released, is not released later",
    file: at("char-link"),
    find: `    if (player.phase !== "gone") this.#releaseLater(of).catch(failed);`,
    put: `    void failed;`,
    note: "This server keeps the lock of a character that has left.",
    test: {
      file: "packages/map-server/test/char-link.test.ts",
      title:
        "is told as done where all is saved, while clients wait for it, and the lock given back as soon as that can be",
    },
  },
  {
    name: "who was lost while the link was down plays on",
    file: at("char-link"),
    find: `        forget(player, "lock-lost");`,
    put: `        void forget;`,
    note: "The character is on two maps.",
    test: {
      file: "packages/map-server/test/char-link-lost.test.ts",
      title: "forgets whom it does not have any more, but lets those who leave ask themselves",
    },
  },
  {
    name: "a map-server that comes back does not say whom it has",
    file: at("char-link"),
    find: `        if (isBack && !(await this.#reclaim(link))) return false;`,
    put: ``,
    note: "The players' locks are freed while they play.",
    test: {
      file: "packages/map-server/test/char-link-lost.test.ts",
      title: "reclaims everybody in batches, then says what it has, and that this is all",
    },
  },
  {
    name: "a map-server that is given up keeps its players",
    file: at("map-server"),
    find: `    lost: () => population.dropAll("cluster-link-lost"),`,
    put: `    lost: () => undefined,`,
    note: "They play on while other servers have their characters.",
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
      title: "a map-server that stops keeps its link until everybody is saved and has left",
    },
  },
  {
    name: "a map-server that drains still expects newcomers",
    file: at("drain"),
    find: `  population.close();`,
    put: ``,
    note: "The map-server may never empty.",
    test: {
      file: "packages/map-server/test/drain.test.ts",
      title: "takes nobody new, from the moment on that it is asked to",
    },
  },
  {
    name: "a drain gives up before other map-servers are linked again",
    file: at("drain"),
    find: `link.isDrainTold && link.areOthersLinked;`,
    put: `link.isDrainTold;`,
    note: "Their maps go to nobody, and their players are disconnected.",
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
      title: "is done once all are passed on, and says meanwhile how far it is",
    },
  },
  {
    name: "who walks is passed on as it walks",
    file: at("population"),
    find: `if (player.phase !== "playing" || this.#maps.runnerOf(player.map)?.halt(player) === false) return false;`,
    put: `if (player.phase !== "playing") return false;`,
    note: "The player's progress meanwhile is lost.",
    test: {
      file: "packages/map-server/test/stray-moves.test.ts",
      title: "stops walking first, so that what it walked is what is passed on",
    },
  },
  {
    name: "who hops may walk",
    file: at("client-visit"),
    find: `        if (walker.phase === "hopping") return refused("unavailable", hopRetryMs);`,
    put: ``,
    note: "The player's steps during the hop are lost.",
    test: {
      file: "packages/map-server/test/hop.test.ts",
      title: "cannot walk until that is answered, and is seen and heard",
    },
  },
  {
    name: "who vanishes from a map stays on it",
    file: at("client-visit"),
    find: `      if (player !== null) void population.leave(player, "offline", null);`,
    put: ``,
    note: "The account is held until the next login.",
    test: {
      file: "packages/map-server/test/hop.test.ts",
      title: "a client that goes gives back what is still here",
    },
  },
  {
    name: "a map that was given away stops under whoever is on it",
    file: at("hosted-maps"),
    find: `      if (this.#hosted.has(map) || inUse.has(map)) continue;`,
    put: `      if (this.#hosted.has(map)) continue;`,
    note: "Players stand still until they are passed on, and at the place where they arrived.",
    test: {
      file: "packages/map-server/test/stray-moves.test.ts",
      title: "is passed on as it stands, is told where to go, and is not saved here any more",
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
      title: "says so even if the drain begins while the link is being set up",
    },
  },
];
