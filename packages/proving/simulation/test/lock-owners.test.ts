import { characterLockKey, serverLockKey } from "@sallyport/lock-core";
import { describe, expect, test } from "vitest";
import { RuleBook } from "../src/checkers/checker.ts";
import { LockOwners } from "../src/checkers/lock-owners.ts";
import type { Fact, SaidMessage, StoredLock } from "../src/facts.ts";

const server = "map-4";
const [gone, present, next] = ["gone", "present", "next"] as const;
const playing = { charId: 7, charFence: 2 };

/** A map-server came back after it lost its link. It may still reclaim the locks of `gone`. */
class CameBack {
  readonly #rules = new RuleBook([new LockOwners()]);
  readonly #locks = new Map<string, StoredLock>();

  constructor() {
    this.says({ type: "character.enter", ...playing });
    this.becomes({ state: "connected", incarnation: gone });
    this.becomes({ state: "connected", incarnation: present, earlier: [gone], reclaimDeadlineMs: 1_000 });
  }

  says(message: SaidMessage): void {
    this.#see({
      ...{ type: "said", life: `${server}#1`, to: "char-2#1", channel: 1, kind: "request" },
      ...{ correlationId: 1, ttlMs: 1_000, message },
    });
  }

  becomes(lock: StoredLock): void {
    this.#change(serverLockKey(server), lock);
  }

  /** Returns the violation that the checker sees if the lock of a player of this incarnation is freed. */
  freed(incarnation: string): string | null {
    const key = characterLockKey(1);
    this.#change(key, { state: "playing", owner: { server, incarnation }, ...playing });
    return this.#change(key, null);
  }

  #change(key: string, after: StoredLock | null): string | null {
    const before = this.#locks.get(key) ?? null;
    if (after === null) this.#locks.delete(key);
    else this.#locks.set(key, after);
    return this.#see({
      ...{ type: "lock-changed", life: "char-2#1", tier: "Beta", key, before, after },
      ...{ expected: 1, overwritten: 1, storeMs: 10, tiersMs: { login: 10, Alpha: 10, Beta: 10 } },
    });
  }

  #see(fact: Fact): string | null {
    const [rule] = this.#rules.of(fact.type);
    return rule?.holds(fact, 10) ?? null;
  }
}

const admittedAgain = (earlier: readonly string[]): StoredLock => ({
  ...{ state: "connected", incarnation: next, earlier, reclaimDeadlineMs: 1_000 },
});

describe("a lock of a map-server that came back", () => {
  test("must not be freed while the server may still reclaim it", () => {
    expect(new CameBack().freed(gone)).toMatch("was taken from map-4");
  });

  test.for(["link.reclaimed", "link.leave"])(
    "may be freed after the server gave it up with %s, also after its next admission",
    (type) => {
      const server = new CameBack();
      server.says({ type });
      expect(server.freed(gone)).toBeNull();
      server.becomes(admittedAgain([gone, present]));
      expect(server.freed(gone)).toBeNull();
    },
  );

  test("is not given up if the incarnation that says link.reclaimed owns it", () => {
    const server = new CameBack();
    server.says({ type: "link.reclaimed" });
    expect(server.freed(present)).toMatch("was taken from map-4");
    server.becomes(admittedAgain([gone, present]));
    expect(server.freed(present)).toMatch("was taken from map-4");
  });

  test("is not given up by the next incarnation if an earlier one said link.leave", () => {
    const server = new CameBack();
    server.says({ type: "link.leave" });
    server.becomes(admittedAgain([gone, present]));
    expect(server.freed(next)).toMatch("was taken from map-4");
  });
});
