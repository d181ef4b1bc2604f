import { type KickReason, kickReasons } from "@sallyport/domain";
import { Credentials } from "@sallyport/sdk";
import { until } from "@sallyport/testkit";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Arena } from "./cluster/arena.ts";
import { type Answer, logInAgain, type Step, Walker, wayIn } from "./cluster/walker.ts";

/*
 * Two clients use one account, each with its own character on its own map-server. Their steps come in a
 * random order. A step begins in one turn of the schedule, and its answer is read in a later turn. Messages
 * between servers arrive a few turns of the event loop late. If a refusal tells a client to try again later,
 * the client starts again. At any other refusal and at a kick, the client stops.
 */

const kicks: ReadonlySet<string> = new Set<KickReason>(kickReasons);
const credentials = new Credentials();
const silent = "stopped in silence";
const refusalsWithoutWord = ["disconnected", "unanswered", "unreachable"];

/** One client, which goes step by step and records what servers tell it. */
class Player {
  readonly walker: Walker;
  readonly #way: readonly Step[];
  #next = 0;
  #pending: Promise<Answer> | null = null;
  /**
   * How the client ended. Null while it goes on. If a server stopped it on its way, `told` has the reason.
   */
  outcome: string | null = null;
  readonly told: string[] = [];

  constructor({ cluster, account }: Arena, { slot, isProven, leaves }: Wish) {
    this.walker = new Walker(cluster, account, { slot, credentials });
    const logIn: Step = isProven ? "prove" : "logIn";
    const way = wayIn.map((step): Step => (step === "logIn" ? logIn : step));
    this.#way = [...way, "walk", "say", ...(leaves ? (["leave"] as const) : [])];
  }

  get isAtStart(): boolean {
    return this.#next === 0 && this.#pending === null;
  }

  get isInWorld(): boolean {
    return this.outcome === "in the world";
  }

  /** Begins a step, or waits for the answer to the step that the client has begun. */
  async turn(): Promise<void> {
    if (this.outcome !== null) return;
    const step = this.#way[this.#next] as Step;
    if (this.#pending === null) {
      this.#pending = this.walker.steps[step]();
      return;
    }
    const answer = await this.#pending;
    this.#pending = null;
    if (!answer.ok) return this.#stopped(step, answer);
    this.#next += 1;
    if (this.#next === this.#way.length) this.outcome = step === "leave" ? "left" : "in the world";
  }

  /** A kick may come at any time, even after the client has arrived. */
  heed(): void {
    const { ended } = this.walker;
    if (!this.isInWorld || ended === null) return;
    this.outcome = `${kicks.has(ended) ? "kicked" : silent} in the world: ${ended}`;
  }

  #stopped(step: Step, { refusal, retryAfterMs }: Answer & { ok: false }): void {
    const { ended } = this.walker;
    const isKick = ended !== null && kicks.has(ended);
    const isSilent = !isKick && refusalsWithoutWord.includes(refusal);
    const how = isKick ? "kicked" : isSilent ? silent : "refused";
    this.told.push(`${how} at ${step}: ${isKick ? ended : refusal}`);
    if (!isKick && retryAfterMs !== undefined) this.#next = 0;
    else this.outcome = `stopped by the last word`;
  }
}

const anyWish = fc.record({ slot: fc.nat(1), isProven: fc.boolean(), leaves: fc.boolean() });
type Wish = typeof anyWish extends fc.Arbitrary<infer T> ? T : never;

const anyRun = fc.record({
  wishes: fc.tuple(anyWish, anyWish),
  /** Each entry gives one client some turns. After the schedule, both clients continue by themselves. */
  schedule: fc.array(fc.tuple(fc.nat(1), fc.integer({ min: 1, max: 12 })), { minLength: 1, maxLength: 12 }),
  /** Delays of messages in event loop turns. Some are longer than the time to log in and enter. */
  lateness: fc.array(
    fc.oneof(
      { weight: 12, arbitrary: fc.nat(6) },
      { weight: 1, arbitrary: fc.integer({ min: 200, max: 1_500 }) },
    ),
    { minLength: 1, maxLength: 30 },
  ),
});

/** The runs prove something only if clients were stopped in all of these ways. */
const marksOfBoth = [
  "refused at enterChar: not-logged-in",
  "kicked at choose: logged-in-elsewhere",
  "refused at enterMap: not-expected",
  "kicked at walk: logged-in-elsewhere",
  "kicked in the world: logged-in-elsewhere",
  "in the world",
  "left",
];
const policies = [
  {
    policy: "reject",
    marks: ["refused at logIn: already-online", "refused at prove: already-online", ...marksOfBoth],
  },
  { policy: "takeover", marks: marksOfBoth },
] as const;

describe.each(policies)(
  "if a second login means $policy, of two clients on one account",
  ({ policy, marks }) => {
    let arena: Arena;
    beforeAll(async () => {
      arena = await Arena.open(policy);
    });
    afterAll(() => arena.close());

    test("one is in the world, and the other was told the reason", async () => {
      const seenMarks = new Set<string | null>();
      const runs = fc.asyncProperty(anyRun, async ({ wishes, schedule, lateness }) => {
        let drawn = 0;
        arena.turns = () => lateness[(drawn += 1) % lateness.length] ?? 0;
        const players = wishes.map((wish) => new Player(arena, wish)) as [Player, Player];

        for (const [index, count] of schedule) {
          for (let taken = 0; taken < count; taken += 1) await players[index as 0 | 1].turn();
        }
        // A client that has to try again later does so without the full wait.
        const isOver = async (player: Player): Promise<boolean> => {
          do await player.turn();
          while (player.outcome === null && !player.isAtStart);
          return player.outcome !== null;
        };
        await Promise.all(players.map((player) => until(() => isOver(player), { what: "a client arrives" })));
        // A client that arrived may still be kicked because of the last step of the other client.
        const isSettled = (): boolean => {
          for (const player of players) player.heed();
          return arena.locks === 2 * players.filter(({ isInWorld }) => isInWorld).length;
        };
        await until(isSettled, { what: "only clients in the world have locks" });

        const inWorld = players.filter(({ isInWorld }) => isInWorld);
        const words = players.flatMap(({ told, outcome }) => [...told, String(outcome)]);
        for (const word of words) seenMarks.add(word);
        expect(words.filter((word) => word.startsWith(silent))).toEqual([]);
        if (words.includes("left")) expect(inWorld.length).toBeLessThanOrEqual(1);
        else expect(inWorld.length, words.join("; ")).toBe(1);
        for (const { walker } of inWorld) {
          const { loginId1 } = walker.ticket;
          expect(arena.watch.of(arena.accountId)).toMatchObject({
            account: { state: "held", loginId1 },
            character: { state: "playing", loginId1 },
          });
          await walker.go("say", "leave");
        }
        await until(() => arena.locks === 0 && arena.seen.size === 0, { what: "the account is free" });
        expect(arena.watch.broken).toEqual([]);
        expect(arena.seenTogether).toEqual([]);
      });
      const seed = process.env["TWO_CLIENTS_SEED"];
      const missing = (): readonly string[] => marks.filter((mark) => !seenMarks.has(mark));
      const draw = (numRuns: number) =>
        fc.assert(runs, { numRuns, endOnFailure: true, ...(seed !== undefined && { seed: Number(seed) }) });
      await draw(Number(process.env["TWO_CLIENTS_RUNS"] ?? 300));
      // Draw more schedules for outcomes that have not occurred yet. A fixed seed would repeat them.
      for (let more = 0; more < 12 && seed === undefined && missing().length > 0; more += 1) await draw(100);
      expect(missing()).toEqual([]);
    });

    test("the second is admitted once the first is saved, and not before", async () => {
      arena.turns = () => 0;
      const { cluster, account, accountId, gate, watch } = arena;
      const first = new Walker(cluster, account);
      await first.go(...wayIn, "walk");
      await first.hasMoved();
      const lastSave = gate.hold("before", "character-save-many");

      const second = new Walker(cluster, account);
      let isIn = false;
      const comesIn = logInAgain(second).then(() => {
        isIn = true;
      });
      await lastSave.reached();
      const { loginId1 } = first.ticket;
      expect(watch.of(accountId).character).toMatchObject({ state: "evicting", loginId1 });
      expect([isIn, first.ended]).toEqual([false, null]);
      lastSave.open();
      await comesIn;
      expect(first.ended).toBe("logged-in-elsewhere");
      expect(second.position).not.toEqual(first.position);
      await second.go("leave");
      await until(() => arena.locks === 0, { what: "the account is free" });
      expect(watch.broken).toEqual([]);
    });

    test("the first, evicted between its two locks, is told so and keeps neither", async () => {
      arena.turns = () => 0;
      const { cluster, account, gate } = arena;
      const first = new Walker(cluster, account);
      await first.go("reachLogin", "logIn", "reachChar");
      const hold = gate.hold("before", "world.choosing");
      const entering = first.steps.enterChar();
      await hold.reached();

      const second = new Walker(cluster, account, { slot: 1 });
      const comesIn = logInAgain(second);
      expect((await entering).ok).toBe(false);
      expect(first.ended).toBe("logged-in-elsewhere");
      hold.open();
      await comesIn;
      await second.go("say", "leave");
      await until(() => arena.locks === 0, { what: "the account is free" });
      expect(arena.watch.broken).toEqual([]);
    });
  },
);
