import type { SourceFault } from "./source-fault.ts";

const at = (name: string): string => `packages/server-kit/src/${name}.ts`;
const linkTable = "packages/lock-core/src/owners/server-link-table.ts";
const service = "packages/lock-store/src/lock-service.ts";

/** Planted faults in links between servers, in the locks that depend on those links, and in doors. */
export const serverKitFaults: readonly SourceFault[] = [
  {
    name: "an incarnation of a server ends while its locks are still being freed",
    file: at("links/server-registry"),
    find: `        await this.#forfeitAll({ server, incarnation });`,
    put: `        this.#forfeitAll({ server, incarnation }).catch(() => undefined);`,
    note: "Locks without an owner may remain.",
    test: {
      file: "packages/server-kit/test/server-registry.test.ts",
      title: "are free before its server lock is gone, however many they are",
    },
  },
  {
    name: "a server lock ends with incarnations whose locks were not freed",
    file: at("links/server-registry"),
    find: `await this.#unlessUnfreed(freed).apply(key, command)`,
    put: `await this.#locks.apply(key, command)`,
    note: "The same happens if another sweep changed the lock meanwhile.",
    test: {
      file: "packages/server-kit/test/server-registry.test.ts",
      title:
        "the locks of a server are freed before its server lock even if another server changed that lock meanwhile",
    },
  },
  {
    name: "a server is not told to come back when the store lost its locks",
    file: at("links/server-registry"),
    find: `    if (!this.isRecorded({ server, incarnation })) return false;`,
    put: ``,
    note: "The server's locks are not restored.",
    test: {
      file: "packages/server-kit/test/server-lock-lost.test.ts",
      title: "is cut off even if its server lock is still there, since others of its locks may be lost",
    },
  },
  {
    name: "a server counts as linked although the lease of its server lock is over",
    file: at("links/server-registry"),
    find: `    return this.#host.clock.nowMs() - renewedMs < this.#options.timing.leaseMs;`,
    put: `    return renewedMs >= 0;`,
    note: "After a pause, the server gets locks that nobody frees.",
    test: {
      file: "packages/login-server/test/paused.test.ts",
      title: "is free again if the char-server came back elsewhere during a pause",
    },
  },
  {
    name: "a lock that came too late is forgotten if the store does not answer",
    file: at("links/server-registry"),
    find: `      const { lock, nowMs } = await this.#locks.read(serverLockKey(doubt.owner.server));`,
    put: `      this.#doubted.delete(incarnation);
      const { lock, nowMs } = await this.#locks.read(serverLockKey(doubt.owner.server));`,
    note: "A second fault makes the lock stay.",
    test: {
      file: "packages/login-server/test/paused.test.ts",
      title: "is free again even if the store is silent after the pause",
    },
  },
  {
    name: "a lock is taken as freed with the others while those are being freed",
    file: "packages/lock-core/src/server-lock.ts",
    find: `  return lock.incarnation === incarnation && !isOver ? "current" : "ending";`,
    put: `  return "current";`,
    note: "A lock that came at that moment stays.",
    test: {
      file: "packages/login-server/test/paused.test.ts",
      title: "is free again even if it came while the others were being freed",
    },
  },
  {
    name: "any cookie makes a linked server count as away",
    file: at("links/server-registry"),
    find: `    const isCookieRight = isKnownCookie(shown, [there?.cookieHash, there?.shownCookieHash]);`,
    put: `    const isCookieRight = there !== undefined || isKnownCookie(shown, []);`,
    note: "A guessed cookie ends the server's lease.",
    test: {
      file: "packages/server-kit/test/server-comes-back.test.ts",
      title: "is not admitted without its cookie, even if no other server answers links",
    },
  },
  {
    name: "a server is admitted although no more may be",
    file: at("links/answering-link"),
    find: `        if (!link.isOpen || this.#admitsNobody) {`,
    put: `        if (!link.isOpen) {`,
    note: "The server joins a world that is about to be given up.",
    test: {
      file: "packages/server-kit/test/link-comes-back.test.ts",
      title:
        "an answering server that admits no more servers readmits none, and leaves the lock for its return",
    },
  },
  {
    name: "a server that cannot come back keeps its players or accounts",
    file: at("links/server-link"),
    find: `        return this.#options.lost();`,
    put: `        return;`,
    note: "The server goes on with its characters or accounts beside the new owner.",
    test: {
      file: "packages/server-kit/test/link-comes-back.test.ts",
      title: "steps down before the other end gives it up, counted from the last request that was answered",
    },
  },
  {
    name: "a server whose cookie is unknown keeps its players or accounts",
    file: linkTable,
    find: `const gone = state.state === "away" ? giveUp : [];`,
    put: `const gone: readonly LinkEffect[] = [];`,
    note: "The server goes on beside the new owner until its own deadline.",
    test: {
      file: "packages/server-kit/test/link-comes-back.test.ts",
      title: "loses its locks if its cookie is no longer known, and starts as a new server",
    },
  },
  {
    name: "a server keeps showing an unknown cookie",
    file: linkTable,
    find: `const next = { ...withoutLocks(state), cookie: null };`,
    put: `const next = withoutLocks(state);`,
    note: "The server is never linked again.",
    test: {
      file: "packages/server-kit/test/link-comes-back.test.ts",
      title: "loses its locks if its cookie is no longer known, and starts as a new server",
    },
  },
  {
    name: "a server that is coming back counts as linked before it has reclaimed anything",
    file: at("links/server-link"),
    find: `if ((await this.#options.admitted(link, isBack)) && link.isOpen) this.#feed({ type: "ready", attempt });`,
    put: `this.#feed({ type: "ready", attempt });
    await this.#options.admitted(link, isBack);`,
    note: "The server acts on locks that may belong to others by then.",
    test: {
      file: "packages/server-kit/test/link-comes-back.test.ts",
      title: "is not up, and its locks wait, until it has reclaimed",
    },
  },
  {
    name: "a server steps down after its locks were given away",
    file: "packages/lock-core/src/owners/link-hold.ts",
    find: `const part = 0.98;`,
    put: `const part = 1.5;`,
    note: "For a while two servers have the same characters or accounts.",
    test: {
      file: "packages/lock-core/test/link-hold.test.ts",
      title: "lasts until a little before the other end may give the locks away, and ends once",
    },
  },
  {
    name: "a request without an answer counts as a sign of life",
    file: at("links/server-link"),
    find: `if (answer.ok) this.#feed({ type: "alive", attempt, askedMs });`,
    put: `this.#feed({ type: "alive", attempt, askedMs });`,
    note: "A server that is cut off steps down too late.",
    test: {
      file: "packages/server-kit/test/link-comes-back.test.ts",
      title: "steps down counted from the last request that was answered, and not from one that was not",
    },
  },
  {
    name: "a server's lease is counted from the answer, and not from the request",
    file: linkTable,
    find: `step: named((state, { askedMs }) => go({ ...state, hold: extendHold(state.hold, askedMs) })),`,
    put: `step: named((state, _event, { nowMs }) => go({ ...state, hold: extendHold(state.hold, nowMs) })),`,
    note: "A server with late answers steps down too late.",
    test: {
      file: "packages/lock-core/test/link-hold.test.ts",
      title: "is counted from the sending of the last answered request, and not from its answer",
    },
  },
  {
    name: "an answer of a lost link counts for the next link",
    file: linkTable,
    find: `state.attempt === event.attempt ? step(state, event, at) : no("late");`,
    put: `step(state, event, at);`,
    note: "The server at the other end may be another one by then.",
    test: {
      file: "packages/lock-core/test/link-hold.test.ts",
      title: "starts again at the next admission, and older answers do not extend it",
    },
  },
  {
    name: "a request that a store did not answer is not repeated",
    file: at("running/insist"),
    find: `answer?.refusal === "unanswered" || answer?.refusal === "unavailable";`,
    put: `answer?.refusal === "unanswered";`,
    note: "The server takes a refusal as if its request was granted.",
    test: {
      file: "packages/server-kit/test/insist.test.ts",
      title:
        "a request without an answer of a server or a store is repeated every half second until it is answered",
    },
  },
  {
    name: "a sweeper makes only one pass",
    file: at("running/sweeper"),
    find: `        this.#pass = null;`,
    put: ``,
    note: "No deadline takes effect any more.",
    test: {
      file: "packages/server-kit/test/sweeper.test.ts",
      title: "a due lock is ended within half a second, and the store is asked as often",
    },
  },
  {
    name: "commands of one client are handled in parallel",
    file: at("doors/connected-client"),
    find: `    if (!this.#isHandling) void this.#handleAll();`,
    put: `    void this.#handleAll();`,
    note: "A later command may overtake an earlier one.",
    test: {
      file: "packages/server-kit/test/client-door-order.test.ts",
      title: "wait for the one before, even if they arrive later than it",
    },
  },
  {
    name: "a second choice is noticed only after the first is answered",
    file: at("doors/connected-client"),
    find: `        this.#visit.arrived?.(incoming.command);`,
    put: ``,
    note: "The server handles the second choice as if it came after that answer.",
    test: {
      file: "packages/server-kit/test/client-door-order.test.ts",
      title: "are handled and answered one after the other, even if they arrive together",
    },
  },
  {
    name: "a server's lease is counted from its admission, and not from its request",
    file: at("links/server-link"),
    find: `this.#feed({ type: "admitted", attempt, askedMs, ...asked.value });`,
    put: `this.#feed({ type: "admitted", attempt, askedMs: clock.nowMs(), ...asked.value });`,
    note: "A server with a late admission steps down too late.",
    test: {
      file: "packages/server-kit/test/link-comes-back.test.ts",
      title:
        "steps down before the other end gives it up, even if it was admitted late and got no message since",
    },
  },
  {
    name: "a door remembers every address that ever connected",
    file: "packages/link/src/addresses/newcomers.ts",
    find: `      if (mates.size === 0) this.#from.delete(address);`,
    put: ``,
    note: "Memory grows with each new address.",
    test: {
      file: "packages/link/test/newcomers.test.ts",
      title: "an address whose newcomers are all gone is forgotten, and its next one counts as new",
    },
  },
];

export const lockStoreFaults: readonly SourceFault[] = [
  {
    name: "a change that lost its race counts as done",
    file: service,
    find: `      if (changed.ok) {`,
    put: `      if (!changed.ok) return { ok: true, before, lock: next, effects };
      if (changed.ok) {`,
    note: "Two owners get the same lock.",
    test: {
      file: "packages/lock-store/test/lock-service.test.ts",
      title: "gives the lock to one of a hundred and refuses the others",
    },
  },
  {
    name: "deadlines are not stored with the lock",
    file: service,
    find: `        deadline,
        when`,
    put: `        deadline: "none",
        when`,
    note: "No deadline takes effect any more.",
    test: {
      file: "packages/lock-store/test/lock-service.test.ts",
      title: "applies the decision at the store's time, with its deadline and its owner",
    },
  },
  {
    name: "a change is made whatever the time",
    file: service,
    find: `        when: when?.is,`,
    put: `        when: undefined,`,
    note: "Locks expire before their deadline, and clients arrive after it.",
    test: {
      file: "packages/lock-store/test/lock-service.test.ts",
      title: "refuses a change at the wrong time, as the store's clock says when it is made",
    },
  },
  {
    name: "a lock is listed under its previous owner",
    file: service,
    find: `        owner: deleted ? null : core.ownerOf(next),`,
    put: `        owner: deleted ? null : core.ownerOf(before),`,
    note: "The lock is missing from the list of its owner's locks.",
    test: {
      file: "packages/lock-store/test/lock-service.test.ts",
      title: "applies the decision at the store's time, with its deadline and its owner",
    },
  },
  {
    name: "a lock that was read before the store lost its locks is changed",
    file: service,
    find: `        generation,
      });`,
    put: `      });`,
    note: "The lock looked free although it had an owner.",
    test: {
      file: "packages/lock-store/test/lock-service.test.ts",
      title: "still changes the lock only if the store has lost nothing since the read",
    },
  },
  {
    name: "a refusal counts although the copy of the lock may be outdated",
    file: service,
    find: `        if (!basis.isRead) {`,
    put: `        if (!basis.isRead && attempt > 1) {`,
    note: "A server that was restarted gives up players who are still there.",
    test: {
      file: "packages/lock-store/test/known-locks.test.ts",
      title: "reads before it refuses, and refuses what the store has",
    },
  },
  {
    name: "a copy of a lock is used after the store lost its locks",
    file: "packages/lock-store/src/known-locks.ts",
    find: `    return entry.generation === generation ? entry : undefined;`,
    put: `    return entry;`,
    note: "Changes fail although the lock could be changed.",
    test: {
      file: "packages/lock-store/test/known-locks.test.ts",
      title: "does not use a copy from an earlier generation of the store",
    },
  },
  {
    name: "a copy of a lock is used although the outcome of its last change is unknown",
    file: service,
    find: `      this.#known?.doubt(key);
`,
    put: "",
    note: "The next change begins with a copy that is probably outdated.",
    test: {
      file: "packages/lock-store/test/known-locks.test.ts",
      title: "reads first after the store gave no answer",
    },
  },
];
