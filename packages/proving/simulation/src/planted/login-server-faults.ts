import type { SourceFault } from "./source-fault.ts";

const locks = "packages/login-server/src/account-locks.ts";
const login = "packages/login-server/src/login-server.ts";

export const loginServerFaults: readonly SourceFault[] = [
  {
    name: "a login continues to wait after its client is gone",
    file: locks,
    find: `      if (gone.aborted) return refused("unavailable");
      // Check just before`,
    put: `      // Check just before`,
    note: "A login without a client is let in, and pushes out the player.",
    test: {
      file: "packages/login-server/test/hung-up.test.ts",
      title: "a login that %s starts nothing after its client disconnected, at any step",
    },
  },
  {
    name: "a login that was banned between its two statements plays on",
    file: locks,
    find: `if (answer.ok || answer.refusal !== "banned") return accepted({});`,
    put: `if (answer.ok || answer.refusal) return accepted({});`,
    note: "The ban came after the fence was raised.",
    test: {
      file: "packages/login-server/test/put-out.test.ts",
      title: "puts the login out if its fence was raised before",
    },
  },
  {
    name: "a login-server does not notice that a client is gone during its login",
    file: "packages/login-server/src/client-visit.ts",
    find: `gone: () => gone.abort("the client is gone"),`,
    put: `gone: () => {},`,
    note: "A login without a client is let in, whatever it waited for.",
    test: {
      file: "packages/login-server/test/hung-up.test.ts",
      title: "a client that disconnects while its password is checked is not admitted",
    },
  },
  {
    name: "a client that left while its login was granted counts as admitted",
    file: locks,
    find: `        if (gone.aborted) return refused("unavailable");
        // Record`,
    put: `        // Record`,
    note: "This login is noted as the last one, although no client came in.",
    test: {
      file: "packages/login-server/test/hung-up.test.ts",
      title: "a login that %s starts nothing after its client disconnected, at any step",
    },
  },
  {
    name: "an older waiting login is not overtaken by a newer one",
    file: "packages/login-server/src/turns.ts",
    find: `      before?.overtake();`,
    put: ``,
    note: "Both logins wait, and both ask the owner to leave.",
    test: {
      file: "packages/login-server/test/newest-login.test.ts",
      title: "a waiting login is told at once that a newer one came, and the owner is asked for one of them",
    },
  },
  {
    name: "a login that finds a newer one continues to wait",
    file: locks,
    find: `      if ("fence" in applied.lock && applied.lock.fence > fence) return refused("overtaken");`,
    put: ``,
    note: "The login's client is told to retry, and then takes the account from the newer one.",
    test: {
      file: "packages/login-server/test/newest-login.test.ts",
      title: "the last one to arrive is admitted, at any login-server, and each other client is told",
    },
  },
  {
    name: "a login-server does not tell owners that they lost an account",
    file: locks,
    find: `core, reassertion, perform });`,
    put: `core, reassertion, perform: perform && (() => {}) });`,
    note: "No owner is asked to leave, so each takeover waits for the evict timer.",
    test: {
      file: "packages/login-server/test/account-locks.test.ts",
      title: "asks the owner each time, and tells it once when it took too long",
    },
  },
  {
    name: "an owner that is linked to another login-server is not told over the hint bus",
    file: "packages/login-server/src/owner-line.ts",
    find: `    this.#deps.hints?.tell(topic, hint)`,
    put: `    Promise.resolve(hint)`,
    note: "Owners linked to another login-server leave only at the evict timer.",
    test: {
      file: "packages/login-server/test/owner-line.test.ts",
      title:
        "an owner linked to another login-server is asked to release, and told of losses, through that server",
    },
  },
  {
    name: "a login-server confirms a release before it is done",
    file: locks,
    find: `    await this.#locks.apply(accountId, { type: "release", owner, loginId1 });`,
    put: `    this.#locks.apply(accountId, { type: "release", owner, loginId1 }).catch(() => undefined);`,
    note: "If the store does not answer, the lock stays for good.",
    test: {
      file: "packages/login-server/test/account-locks.test.ts",
      title: "a release is not reported as done if the store does not answer",
    },
  },
  {
    name: "a char-server is not told the accounts of its incarnation before last",
    file: locks,
    find: `page.next === null && nth + 1 >= earlier.length;`,
    put: `page.next === null;`,
    note: "After two lost links in a row, the account is freed while its player goes on.",
    test: {
      file: "packages/login-server/test/reclaim.test.ts",
      title: "is told page by page what its earlier incarnations own, and reclaims it in the same batches",
    },
  },
  {
    name: "a char-server cannot restore accounts that the store lost",
    file: locks,
    find: `    const isLost = this.#untilKnown() !== null;`,
    put: `    const isLost = false;`,
    note: "When Redis comes back empty, all players are put out.",
    test: {
      file: "packages/login-server/test/lost-locks.test.ts",
      title: "they restore the accounts that they name, and may name them twice",
    },
  },
  {
    name: "a login does not wait until lost locks are restored",
    file: locks,
    find: `return leftMs > 0 ? refused("unavailable", leftMs) : null;`,
    put: `return leftMs > 0 && this.#deps.store.losses.count === 0 ? refused("unavailable", leftMs) : null;`,
    note: "The login gets the account of an active player.",
    test: {
      file: "packages/login-server/test/lost-locks.test.ts",
      title: "a client with unknown login ids is asked to come again, and is refused afterwards",
    },
  },
  {
    name: "a login-server sweeps accounts only, and no server locks",
    file: login,
    find: `expire: (key) => (registry.owns(key) ? registry.expire(key) : locks.expire(key)),`,
    put: `expire: async (key) => (registry.owns(key) ? undefined : locks.expire(key)),`,
    note: "The accounts of a dead char-server stay held for good.",
    test: {
      file: "packages/login-server/test/login-server.test.ts",
      title:
        "the accounts of a char-server that does not come back are free when its reconnect timer is over",
    },
  },
  {
    name: "a login-server that stops frees the accounts of its char-servers",
    file: login,
    find: `      await links.stop("keep");`,
    put: `      await links.stop("release");`,
    note: "A restart frees the accounts of all players.",
    test: {
      file: "packages/login-server/test/login-server.test.ts",
      title: "the char-servers of a login-server that stops keep their accounts for when they link again",
    },
  },
  {
    name: "a server that was paused leaves a lock to an ended incarnation",
    file: "packages/server-kit/src/running/sweeper.ts",
    find: `      await freeLate();`,
    put: ``,
    note: "Nothing but the account's next login frees the lock.",
    test: {
      file: "packages/server-kit/test/sweeper.test.ts",
      title: "each sweep frees what came too late, also if it failed before",
    },
  },
  {
    name: "a login that the database did not answer counts as under way for ever",
    file: "packages/authentication/src/authentication.ts",
    find: `      return answer;
    } finally {
      begun.end(outcome);
    }`,
    put: `      begun.end(outcome);
      return answer;
    } finally {
    }`,
    note: "After an outage a busy address gets no login through.",
    test: {
      file: "packages/authentication/test/attempts.test.ts",
      title: "logins that the database did not answer do not hold back later logins from their address",
    },
  },
  {
    name: "a login that a server remembers outlasts the password",
    file: "packages/authentication/src/remembered-logins.ts",
    find: `      .update(credential.storedKey)
      .update(`,
    put: `      .update(`,
    note: "Somebody who knows the old password logs in on.",
    test: {
      file: "packages/authentication/test/remembered-logins.test.ts",
      title: "another password, name or credential does not match a remembered login",
    },
  },
  {
    name: "a new password leaves the login that should end",
    file: "packages/login-server/src/logins-to-end.ts",
    find: `      await this.#locks.putOut(accountId, kickFor("credential-changed"), upTo);
      return`,
    put: `      return`,
    note: "A thief plays on after the owner has a new password.",
    test: {
      file: "packages/login-server/test/put-out.test.ts",
      title: "logins that end because of a new password are told so, and one on its way loses its ids",
    },
  },
];
