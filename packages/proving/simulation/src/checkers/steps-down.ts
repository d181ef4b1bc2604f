import { characterLockKey, lockIdOf, lockKindOf, serverLockKey } from "@sallyport/lock-core";
import { type Disturbances, nameOf, standstillOf } from "../disturbances.ts";
import type { StoredLock } from "../facts.ts";
import { isChar, isMap, worldOf } from "../topology.ts";
import type { Checker, FactOf, Rules } from "./checker.ts";
import type { KnownLocks } from "./known-locks.ts";

export interface StepsDownOptions {
  readonly locks: KnownLocks;
  readonly disturbances: Disturbances;
  readonly players: () => Iterable<readonly [life: string, charIds: readonly number[]]>;
}

/** A login whose account was freed because its char-server did not link again in time. */
interface Freed {
  readonly server: string;
  readonly key: string;
  readonly loginId1: number | undefined;
  readonly sinceMs: number;
}

/** Milliseconds in which a char-server makes all clients of a world leave. */
const sendAwayMs = 500;
/** The checker judges a server only if nothing disturbed it in the last `beforeMs` milliseconds. */
const beforeMs = 2_000;
const onMap = /^(entering|playing|hopping)$/;

/**
 * A server that is cut off gives up its clients, by its own clock, before its time to link again runs out.
 * When that time has run out, a map-server has no players, and a char-server has asked the clients of all
 * freed accounts to leave.
 */
export class StepsDown implements Checker {
  readonly name = "steps-down";
  readonly #options: StepsDownOptions;
  /** The key is a server. The value is the time when its server lock went to a new process. */
  readonly #linkedMs = new Map<string, number>();
  /**
   * The key is a server. The value is the time when its present process started. This process does not know
   * what earlier processes owned.
   */
  readonly #startedMs = new Map<string, number>();
  readonly #freed: Freed[] = [];
  /**
   * Whether a planned failure made stores and servers disagree about the time, or hid the locks of servers.
   * If so, the checker judges nothing more.
   */
  #isOff = false;

  constructor(options: StepsDownOptions) {
    this.#options = options;
  }

  readonly rules: Rules = {
    struck: ({ fault: { kind } }) => {
      if (kind === "store-clock" || kind === "locks-lost" || kind === "pretender") this.#isOff = true;
      return null;
    },
    started: ({ life }, nowMs) => {
      this.#startedMs.set(nameOf(life), nowMs);
      return null;
    },
    "lock-changed": (changed, nowMs) => {
      const { key, before, after } = changed;
      if (lockKindOf(key) === "character") return null;
      if (lockKindOf(key) === "account") return this.#free(changed, nowMs);
      const hasRunOut = before?.state === "away" && after === null && this.#isOver(before, changed);
      if (after !== null && after.incarnation !== before?.incarnation)
        this.#linkedMs.set(lockIdOf(key), nowMs);
      return hasRunOut ? this.#judgeMap(lockIdOf(key), nowMs) : null;
    },
    said: (_, nowMs) => {
      for (
        let [due] = this.#freed;
        due !== undefined && nowMs > due.sinceMs + sendAwayMs;
        [due] = this.#freed
      ) {
        this.#freed.shift();
        const wrong = this.#judgeChar(due, nowMs);
        if (wrong !== null) return wrong;
      }
      return null;
    },
  };

  #isOver({ deadlineMs }: StoredLock, { storeMs }: FactOf<"lock-changed">): boolean {
    return deadlineMs !== undefined && storeMs >= deadlineMs;
  }

  #free(changed: FactOf<"lock-changed">, sinceMs: number): null {
    const { key, before, after } = changed;
    const { server = "" } = before?.owner ?? {};
    const lock = this.#options.locks.of("login", serverLockKey(server));
    const hasEnded = lock?.state === "away" && this.#isOver(lock, changed);
    if (isChar(server) && after?.owner === undefined && hasEnded && this.#isOfThisLife(server))
      this.#freed.push({ server, key, loginId1: before?.loginId1, sinceMs });
    return null;
  }

  #judgeMap(server: string, nowMs: number): string | null {
    if (!isMap(server) || !this.#isOfThisLife(server) || !this.#worked([server], nowMs)) return null;
    for (const [life, charIds] of this.#options.players()) {
      if (nameOf(life) === server && charIds.length > 0)
        return `${life} was given up, but still has characters ${charIds.join(", ")}`;
    }
    return null;
  }

  #judgeChar({ server, key, loginId1, sinceMs }: Freed, nowMs: number): string | null {
    const world = worldOf(server) ?? "";
    const lock = this.#options.locks.of(world, characterLockKey(Number(lockIdOf(key))));
    if (lock === undefined || lock.loginId1 !== loginId1 || !onMap.test(lock.state)) return null;
    return this.#worked([server, world], nowMs)
      ? `${server} was given up ${Math.round(nowMs - sinceMs)} ms ago, but asks no player to leave: ${JSON.stringify(lock)}`
      : null;
  }

  #worked(parts: readonly string[], nowMs: number): boolean {
    const path = [...parts, ...parts.map(standstillOf), "network"];
    const lastMs = this.#options.disturbances.lastMs(path, nowMs) ?? Number.NEGATIVE_INFINITY;
    return !this.#isOff && nowMs > lastMs + beforeMs;
  }

  #isOfThisLife(server: string): boolean {
    return (this.#startedMs.get(server) ?? 0) < (this.#linkedMs.get(server) ?? 0);
  }
}
