import {
  type AttemptBounds,
  type AttemptCounts,
  CountedAttempts,
  defaultAttemptBounds,
  limitsOf,
  nameKey,
} from "@sallyport/authentication";
import { systemClock } from "@sallyport/clock";
import { until } from "@sallyport/testkit";
import { afterEach, describe, expect, test } from "vitest";

export interface OpenedCounts {
  /** The counts as each of the servers sees them. */
  readonly counts: readonly AttemptCounts[];
  close(): Promise<void>;
}

type OpenCounts = (servers: number, bounds: AttemptBounds) => Promise<OpenedCounts>;

const clusterSecret = new Uint8Array(32);
const askerAt = (address: string) => ({ address, gone: new AbortController().signal });
const isStranger = async (): Promise<boolean> => false;

let opened: OpenedCounts | null = null;

/** Login-servers that share their counts. */
class Scene {
  readonly servers: readonly CountedAttempts[];
  readonly counts: AttemptCounts;
  readonly bounds: AttemptBounds;
  readonly bans: (readonly [address: string, failures: number])[] = [];
  #turn = 0;

  constructor(counts: readonly AttemptCounts[], bounds: AttemptBounds) {
    this.counts = counts[0] as AttemptCounts;
    this.bounds = bounds;
    this.servers = counts.map(
      (each) =>
        new CountedAttempts({
          ...{ counts: each, bounds, clusterSecret },
          ban: async (address, failures) => void this.bans.push([address, failures]),
          nowMs: systemClock.nowMs,
          pause: (ms) => new Promise((resolve) => void systemClock.after(ms, () => resolve())),
        }),
    );
  }

  /** The servers take turns, as behind a balancer. */
  get next(): CountedAttempts {
    this.#turn += 1;
    return this.servers[this.#turn % this.servers.length] as CountedAttempts;
  }

  /** Returns what the attempt was refused with, or its outcome. */
  async attempt(
    of: { readonly name?: string; readonly address?: string; readonly isKnown?: boolean },
    outcome: "right" | "wrong" | "undecided" = "wrong",
  ): Promise<string> {
    const { name = "alice", address = "192.0.2.1", isKnown = false } = of;
    const begun = await this.next.begin(name, askerAt(address), async () => isKnown);
    if (!begun.ok) return begun.refusal;
    // Gives other attempts the chance to begin meanwhile.
    await new Promise((resolve) => void setImmediate(resolve));
    begun.end(outcome);
    return outcome;
  }

  /** Failures are stored a moment after the attempt has ended. */
  async untilReached(of: Parameters<typeof limitsOf>[2]): Promise<void> {
    const isReached = async (): Promise<boolean> =>
      (await limitsOf(this.counts, this.bounds, of)).some((reading) => reading.isReached);
    await until(isReached, { what: "the limit is reached" });
  }

  async register(address: string, outcome: "right" | "wrong" | "undecided"): Promise<string> {
    const begun = await this.next.beginRegistration(askerAt(address));
    if (!begun.ok) return begun.refusal;
    begun.end(outcome);
    return outcome;
  }
}

const tally = (words: readonly string[]): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
};
const times = <T>(count: number, run: (nth: number) => Promise<T>): Promise<readonly T[]> =>
  Promise.all(Array.from({ length: count }, (_, nth) => run(nth)));

export function attemptCountsContract(store: string, openCounts: OpenCounts): void {
  const open = async (servers = 4, some: Partial<AttemptBounds> = {}): Promise<Scene> => {
    const bounds = { ...defaultAttemptBounds, ...some };
    opened = await openCounts(servers, bounds);
    return new Scene(opened.counts, bounds);
  };
  afterEach(async () => {
    await opened?.close();
    opened = null;
  });

  describe(`attempts counted in ${store}`, () => {
    test.each([1, 4])(
      "guesses of one address stop at the same number, with %s login-servers or another number",
      async (servers) => {
        const scene = await open(servers, { failuresPerName: 0 });
        const together = await times(40, (nth) => scene.attempt({ name: `name${nth}` }));
        const later = await times(40, (nth) => scene.attempt({ name: `name${nth}` }));
        expect(tally(together)["wrong"]).toBe(5);
        expect(tally(later)).toEqual({ "too-many-attempts": 40 });
        expect(await scene.attempt({ address: "192.0.2.2" })).toBe("wrong");
      },
    );

    test.each([1, 4])(
      "guesses at one name from many addresses stop at one number too, with %s login-servers",
      async (servers) => {
        const scene = await open(servers);
        const guess = (nth: number) => scene.attempt({ address: `192.0.2.${nth}` });
        const together = await times(40, guess);
        expect(tally(together)["wrong"]).toBe(5);
        await scene.untilReached({ nameKey: nameKey(clusterSecret, "alice") });
        // The first wait is over after a second, and the next ones are longer.
        const allWait = async (): Promise<boolean> =>
          tally(await times(40, (nth) => guess(100 + nth)))["too-many-attempts"] === 40;
        await until(allWait, { what: "all guesses are refused" });
      },
    );

    test("right passwords do not refuse each other, however many come together from one address", async () => {
      const scene = await open();
      const answers = await times(60, (nth) => scene.attempt({ name: `player${nth}` }, "right"));
      expect(tally(answers)).toEqual({ right: 60 });
    });

    test("right passwords, and attempts that nothing decided, are not counted afterwards", async () => {
      const scene = await open();
      for (let login = 1; login <= 8; login += 1) {
        expect(await scene.attempt({}, "right")).toBe("right");
        expect(await scene.attempt({}, "undecided")).toBe("undecided");
      }
      for (let guess = 1; guess <= 5; guess += 1)
        expect(await scene.attempt({ name: `x${guess}` })).toBe("wrong");
      expect(await scene.attempt({}, "right")).toBe("too-many-attempts");
    });

    test("an address may try again when its window is over", async () => {
      const scene = await open(2, { attemptWindowMs: 5_000, failuresPerName: 0 });
      await times(10, () => scene.attempt({}));
      expect(await scene.attempt({}, "right")).toBe("too-many-attempts");
      await until(async () => (await scene.attempt({}, "right")) === "right", { what: "the window is over" });
    });

    test("strangers wait for a name that was guessed at, and its owner does not", async () => {
      const scene = await open(2);
      await times(5, (nth) => scene.attempt({ address: `192.0.2.${nth}` }));
      await scene.untilReached({ nameKey: nameKey(clusterSecret, "alice") });
      const stranger = { address: "192.0.2.100" };
      // The wait doubles with each guess, from one second on.
      const waitsLong = async (): Promise<boolean> => {
        const begun = await scene.next.begin("ALICE", askerAt(stranger.address), isStranger);
        if (begun.ok) begun.end("wrong");
        return !begun.ok && begun.by === "name" && begun.waitMs > 3_000;
      };
      await until(waitsLong, { what: "the wait has doubled twice" });
      expect(await scene.attempt(stranger, "right")).toBe("too-many-attempts");
      for (let login = 1; login <= 3; login += 1)
        expect(await scene.attempt({ address: "192.0.2.200", isKnown: true }, "right")).toBe("right");
      expect(await scene.attempt({ ...stranger, name: "bob" }, "right")).toBe("right");
    });

    test("the failure that reaches the limit bans the address, at exactly one of the servers", async () => {
      const scene = await open(4, { attemptsPerAddress: 0, failuresPerName: 0 });
      await times(19, () => scene.attempt({}));
      await times(30, () => scene.attempt({}, "right"));
      expect(scene.bans).toEqual([]);
      await times(5, () => scene.attempt({}));
      await until(() => scene.bans.length > 0, { what: "the ban" });
      expect(scene.bans).toEqual([["192.0.2.1", 20]]);
    });

    test.each([1, 4])(
      "an address creates three accounts and no fourth, with %s login-servers",
      async (servers) => {
        const scene = await open(servers);
        const address = "2001:db8:0:1::/64";
        expect(await scene.register(address, "undecided")).toBe("undecided");
        expect(await scene.register(address, "wrong")).toBe("wrong");
        const answers = await times(20, () => scene.register(address, "right"));
        expect(tally(answers)).toEqual({ right: 3, "too-many-accounts": 17 });
        expect(await scene.register("2001:db8:0:2::/64", "right")).toBe("right");
      },
    );

    test("trying out which names are taken is limited like guessing passwords", async () => {
      const scene = await open();
      for (let guess = 1; guess <= 5; guess += 1) await scene.register("192.0.2.1", "wrong");
      await scene.untilReached({ address: "192.0.2.1" });
      expect(await scene.register("192.0.2.1", "right")).toBe("too-many-attempts");
      expect(await scene.attempt({}, "right")).toBe("too-many-attempts");
    });

    test("offers of salts without a proof are limited, and a right proof takes its offer back", async () => {
      const scene = await open(4, { offersPerAddress: 20 });
      const ask = (): boolean => scene.next.offer("192.0.2.1").ok;
      for (let login = 1; login <= 100; login += 1) {
        expect(ask()).toBe(true);
        scene.next.offerServed("192.0.2.1");
      }
      await until(async () => (await scene.counts.offers.of("192.0.2.1"))?.count === 0, {
        what: "taken back",
      });
      for (let offer = 1; offer <= 20; offer += 1) ask();
      const all = scene.servers;
      await until(() => all.every((server) => !server.offer("192.0.2.1").ok), { what: "all servers refuse" });
      expect(all[0]?.offer("192.0.2.2")).toEqual({ ok: true });
    });

    test("a bound of 0 sets no limit", async () => {
      const scene = await open(2, {
        ...{ attemptsPerAddress: 0, failuresPerName: 0, failuresToBan: 0 },
        ...{ registrationsPerAddress: 0, offersPerAddress: 0 },
      });
      expect(tally(await times(50, () => scene.attempt({})))).toEqual({ wrong: 50 });
      expect(tally(await times(50, () => scene.register("192.0.2.1", "right")))).toEqual({ right: 50 });
      for (let offer = 1; offer <= 1_000; offer += 1) expect(scene.next.offer("192.0.2.1").ok).toBe(true);
    });

    test("operators can read what is counted of an address and of a name", async () => {
      const scene = await open(2);
      const of = () =>
        limitsOf(scene.counts, scene.bounds, {
          address: "192.0.2.1",
          nameKey: nameKey(clusterSecret, "Alice"),
        });
      expect(await of()).toEqual([]);
      expect(await scene.register("192.0.2.1", "right")).toBe("right");
      for (let guess = 1; guess <= 5; guess += 1) await scene.attempt({});
      await until(async () => (await scene.counts.failures.of("192.0.2.1"))?.count === 5, {
        what: "counted",
      });
      const leftMs = expect.any(Number);
      expect(await of()).toEqual([
        { by: "address", count: 5, limit: 5, isReached: true, leftMs },
        { by: "name", count: 5, limit: 5, isReached: true, leftMs },
        { by: "ban", count: 5, limit: 20, isReached: false, leftMs },
        { by: "registrations", count: 1, limit: 3, isReached: false, leftMs },
      ]);
    });
  });
}
