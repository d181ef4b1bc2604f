import { createHmac } from "node:crypto";
import { LRUCache } from "lru-cache";
import { AddressTurns } from "./address-turns.ts";
import { type AttemptBounds, nameWaitMs } from "./attempt-bounds.ts";
import type {
  Allowed,
  AttemptCounts,
  AttemptLimits,
  AttemptOutcome,
  HeldBack,
  LimitedAsker,
} from "./attempt-limits.ts";
import { isEmail, readEmail } from "./email.ts";
import { canonicalName } from "./name-rules.ts";
import { type BegunTally, beginTally, judge, untallied } from "./tallies.ts";

/*
 * Attempts are counted in a store that all login-servers share, by address and by name. An attempt counts
 * while it is under way. A right one is then taken back, and a wrong one stays. So a flood of guesses at many
 * servers stops at the same number as at one, and right passwords cost nobody anything.
 *
 * In each process the attempts of one address take turns, as many at once as the limit allows. Without
 * turns, people behind one address who come back together would refuse each other.
 */

export interface CountedAttemptsDeps {
  readonly counts: AttemptCounts;
  readonly bounds: AttemptBounds;
  /** The keys of names are digests under this secret, because people sometimes type their password there. */
  readonly clusterSecret: Uint8Array;
  /** Bans an address for `banMs`. Must not reject. */
  readonly ban: (address: string, failures: number) => Promise<void>;
  /** Returns milliseconds on a monotonic clock. */
  readonly nowMs: () => number;
  readonly pause: (ms: number) => Promise<void>;
}

/** Attempts of one address that wait in this process. Further ones are refused. */
const waitingMax = 100;
/** The attempts under way at other servers are looked at this often, and this many times. */
const lookAgainMs = 100;
const looksMax = 50;
const busyWaitMs = 250;
/** `max` would take the memory of all of them at once. */
const remembered = { maxSize: 10_000, sizeCalculation: () => 1 };

type Refused = HeldBack<"too-many-attempts" | "busy">;

/** The key under which the attempts with a name or an e-mail address are counted. */
export function nameKey(clusterSecret: Uint8Array, name: string): string {
  const meant = (isEmail(name) ? readEmail(name)?.key : null) ?? canonicalName(name);
  return createHmac("sha256", clusterSecret).update(`attempts ${meant}`).digest("base64url").slice(0, 22);
}

export class CountedAttempts implements AttemptLimits {
  readonly #deps: CountedAttemptsDeps;
  readonly #turns: AddressTurns;
  /** Addresses that are refused without asking the store, and until when. */
  readonly #closed = new LRUCache<string, number>(remembered);
  readonly #closedOffers = new LRUCache<string, number>(remembered);

  constructor(deps: CountedAttemptsDeps) {
    this.#deps = deps;
    this.#turns = new AddressTurns({ atOnce: deps.bounds.attemptsPerAddress, waitingMax });
  }

  begin: AttemptLimits["begin"] = async (name, asker, isKnownPlace) => {
    const { address } = asker;
    const turn = await this.#takeTurn(asker);
    if (!turn.ok) return turn;
    // Both changes go to the store together, so they cost one round trip.
    const [ofAddress, ofName] = await Promise.all([this.#beginAddress(asker), this.#beginName(name)]);
    const end = (outcome: AttemptOutcome): void => {
      if (ofAddress.ok) ofAddress.end(outcome);
      ofName.end(outcome);
      turn.end(outcome);
    };
    try {
      const held = ofAddress.ok ? await this.#holdName(name, ofName, isKnownPlace) : ofAddress;
      if (held !== null) {
        end("undecided");
        return held;
      }
    } catch (error) {
      end("undecided");
      throw error;
    }
    return {
      ok: true,
      end: (outcome) => {
        end(outcome);
        if (outcome === "wrong") void this.#countFailure(address);
      },
    };
  };

  beginRegistration: AttemptLimits["beginRegistration"] = async (asker) => {
    const { counts, bounds } = this.#deps;
    const { address } = asker;
    const turn = await this.#takeTurn(asker);
    if (!turn.ok) return turn;
    const limit = bounds.registrationsPerAddress;
    const [ofAddress, made] = await Promise.all([
      this.#beginAddress(asker),
      limit === 0 ? null : counts.registrations.add(address, 1),
    ]);
    const end = (outcome: AttemptOutcome): void => {
      if (ofAddress.ok) ofAddress.end(outcome);
      if (made !== null && outcome !== "right") void counts.registrations.add(address, -1);
      turn.end(outcome);
    };
    if (ofAddress.ok && (made === null || made.count <= limit)) return { ok: true, end };
    end("undecided");
    if (!ofAddress.ok) return ofAddress;
    return { ok: false, refusal: "too-many-accounts", by: "registrations", waitMs: made?.leftMs ?? 0 };
  };

  offer: AttemptLimits["offer"] = (address) => {
    const { counts, bounds, nowMs } = this.#deps;
    if (bounds.offersPerAddress === 0) return { ok: true };
    const waitMs = this.#leftMs(this.#closedOffers, address);
    if (waitMs > 0) return { ok: false, refusal: "too-many-attempts", by: "offers", waitMs };
    // The answer of the store decides about the next offer. An offer is cheap, and need not wait for it.
    void counts.offers.add(address, 1).then(({ count, leftMs }) => {
      if (count >= bounds.offersPerAddress) this.#closedOffers.set(address, nowMs() + leftMs);
    });
    return { ok: true };
  };

  offerServed: AttemptLimits["offerServed"] = (address) => {
    const { counts, bounds } = this.#deps;
    if (bounds.offersPerAddress === 0) return;
    void counts.offers.add(address, -1).then(({ count }) => {
      if (count < bounds.offersPerAddress) this.#closedOffers.delete(address);
    });
  };

  async #takeTurn({ address, gone }: LimitedAsker): Promise<Allowed | Refused> {
    if (this.#deps.bounds.attemptsPerAddress === 0) return { ok: true, end() {} };
    const closed = this.#closedRefusal(address);
    if (closed !== null) return closed;
    if (!(await this.#turns.take(address, gone))) return busy("address");
    const give = (): void => this.#turns.give(address);
    // Attempts that were under way may have failed meanwhile.
    const closedMeanwhile = this.#closedRefusal(address);
    if (closedMeanwhile === null) return { ok: true, end: give };
    give();
    return closedMeanwhile;
  }

  #closedRefusal(address: string): Refused | null {
    const waitMs = this.#leftMs(this.#closed, address);
    return waitMs > 0 ? tooMany("address", waitMs) : null;
  }

  async #beginAddress({
    address,
    gone,
  }: LimitedAsker): Promise<({ readonly ok: true } & BegunTally) | Refused> {
    const { counts, bounds, nowMs, pause } = this.#deps;
    const limit = bounds.attemptsPerAddress;
    if (limit === 0) return { ok: true, ...untallied };
    for (let looks = 1; ; looks += 1) {
      const tally = await beginTally(counts.addresses, address, nowMs);
      const verdict = judge(tally, limit);
      if (verdict === "go") return { ok: true, ...tally };
      tally.end("undecided");
      if (verdict === "stop") {
        this.#closed.set(address, nowMs() + tally.leftMs);
        return tooMany("address", tally.leftMs);
      }
      if (looks === looksMax || gone.aborted) return busy("address");
      await pause(lookAgainMs);
    }
  }

  async #beginName(name: string): Promise<BegunTally> {
    const { counts, bounds, clusterSecret, nowMs } = this.#deps;
    if (bounds.failuresPerName === 0) return untallied;
    const key = nameKey(clusterSecret, name);
    const tally = await beginTally(counts.names, key, nowMs);
    return {
      ...tally,
      end(outcome) {
        // The wait begins before the failure counts, so nobody gets between the two.
        const isLast = tally.failures + tally.underWay >= bounds.failuresPerName;
        if (outcome === "wrong" && isLast) void counts.waits.add(key, 1, nameWaitMs(0, bounds));
        tally.end(outcome);
      },
    };
  }

  /** Strangers wait for a name that was guessed at too often. The owner comes from a known place. */
  async #holdName(
    name: string,
    tally: BegunTally,
    isKnownPlace: () => Promise<boolean>,
  ): Promise<Refused | null> {
    const { counts, bounds, clusterSecret } = this.#deps;
    const verdict = judge(tally, bounds.failuresPerName);
    if (bounds.failuresPerName === 0 || verdict === "go") return null;
    if (await isKnownPlace()) return null;
    if (verdict === "wait") return busy("name");
    // The first attempt after a wait begins the next one, which is longer. So only one goes on.
    const nextWaitMs = nameWaitMs(tally.failures - bounds.failuresPerName + 1, bounds);
    const wait = await counts.waits.add(nameKey(clusterSecret, name), 1, nextWaitMs);
    return wait.count === 1 ? null : tooMany("name", wait.leftMs);
  }

  /** Exactly one of the servers counts the failure that bans. If the ban fails, a later failure bans again. */
  async #countFailure(address: string): Promise<void> {
    const { counts, bounds, ban } = this.#deps;
    const { failuresToBan } = bounds;
    if (failuresToBan === 0) return;
    const { count } = await counts.failures.add(address, 1);
    if (count % failuresToBan === 0) await ban(address, count);
  }

  #leftMs(of: LRUCache<string, number>, address: string): number {
    return Math.max(0, Math.ceil((of.get(address) ?? 0) - this.#deps.nowMs()));
  }
}

const tooMany = (by: "name" | "address", waitMs: number): Refused => ({
  ...{ ok: false, refusal: "too-many-attempts" },
  ...{ by, waitMs },
});
const busy = (by: "name" | "address"): Refused => ({
  ...{ ok: false, refusal: "busy" },
  ...{ by, waitMs: busyWaitMs },
});
