import { type AccountId, type CharId, type KickReason, kickReasons, type Position } from "@sallyport/domain";
import { Credentials } from "@sallyport/sdk";
import { until } from "@sallyport/testkit";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addCharacter } from "./cluster/crowd.ts";
import { Gate } from "./cluster/gate.ts";
import { latePairs } from "./cluster/late-pairs.ts";
import { LockWatch } from "./cluster/lock-watch.ts";
import { type TestAccount, TestCluster } from "./cluster/test-cluster.ts";
import { type Answer, logInAgain, type Step, Walker, wayIn } from "./cluster/walker.ts";

/*
 * Two clients on one account, each with a character of its own on a map-server of its own, in every order of their
 * steps that chance brings: a step begins at one turn of the schedule and its answer is looked at in a later one, and
 * what servers say to each other comes late by a few turns of the event loop. Each begins anew when it is told to
 * come again, and stops at any other refusal and when it is kicked.
 */

const watch = new LockWatch();
const gate = new Gate();
const credentials = new Credentials();
const forest: Position = { map: "forest", x: 41, y: 56 };
let turns = (): number => 0;
let cluster: TestCluster;
let account: TestAccount;
let accountId: AccountId;
const watchers: Walker[] = [];
/** Characters of the account, as those see it who stand on the two maps. */
const seen = new Set<CharId>();
const seenTogether: CharId[][] = [];

beforeAll(async () => {
  cluster = await TestCluster.start({
    stores: watch.stores,
    mapServers: [],
    pair: latePairs(() => turns()),
    around: gate.around,
  });
  await cluster.startMap("map-1", { maps: ["harbour"] });
  await cluster.startMap("map-2", { maps: ["forest"] });
  account = await cluster.account();
  await addCharacter(cluster, account, { slot: 1, position: forest });
  const found = await cluster.accounts.findByName(account.name);
  accountId = there(found).accountId;
  const own = (await cluster.characters.list({ accountId, world: "Alpha" })).map(({ charId }) => charId);
  watchers.push(await standBy(0, own), await standBy(1, own));
});
afterAll(async () => {
  for (const watcher of watchers) await watcher.go("leave");
  await cluster.stop();
});

/** Sees the characters come and go: in the harbour from a character in slot 0, in the forest from one in slot 1. */
async function standBy(slot: number, watched: readonly CharId[]): Promise<Walker> {
  const spare = await cluster.account();
  await addCharacter(cluster, spare, { slot: 1, position: forest });
  const watcher = new Walker(cluster, spare, { slot });
  await watcher.go(...wayIn);
  there(watcher.map).on((event) => {
    if (event.type === "actor.appeared" && watched.includes(event.charId)) {
      seen.add(event.charId);
      if (seen.size > 1) seenTogether.push([...seen]);
    } else if (event.type === "actor.vanished") seen.delete(event.charId);
  });
  return watcher;
}

const kicks: ReadonlySet<string> = new Set<KickReason>(kickReasons);
const silent = "stopped in silence";
const refusalsWithoutWord = ["disconnected", "unanswered", "unreachable"];

/** One client: goes its way step by step, and knows what it was told. */
class Player {
  readonly walker: Walker;
  readonly #way: readonly Step[];
  #next = 0;
  #pending: Promise<Answer> | null = null;
  /** How it ended: `left`, `in the world`, or in the words of the server that stopped it. */
  outcome: string | null = null;
  readonly told: string[] = [];

  constructor({ slot, isProven, leaves }: Wish) {
    this.walker = new Walker(cluster, account, { slot, credentials });
    const logIn: Step = isProven ? "prove" : "logIn";
    const way = wayIn.map((step): Step => (step === "logIn" ? logIn : step));
    this.#way = [...way, "walk", "say", ...(leaves ? (["leave"] as const) : [])];
  }

  get isAtStart(): boolean {
    return this.#next === 0 && this.#pending === null;
  }

  /** Begins a step, or waits for the answer to the one that was begun. */
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

  /** A kick comes at any time, also to one that has arrived. */
  heed(): void {
    const { ended } = this.walker;
    if (this.outcome !== "in the world" || ended === null) return;
    this.outcome = `${kicks.has(ended) ? "kicked" : silent} in the world: ${ended}`;
  }

  #stopped(step: Step, { refusal, retryAfterMs }: Answer & { ok: false }): void {
    const { ended } = this.walker;
    const isKick = ended !== null && kicks.has(ended);
    const isSilent = !isKick && refusalsWithoutWord.includes(refusal);
    const how = isKick ? "kicked" : isSilent ? silent : "refused";
    this.told.push(`${how} at ${step}: ${isKick ? ended : refusal}`);
    if (!isKick && retryAfterMs !== undefined) this.#next = 0;
    else this.outcome = this.told.at(-1) ?? null;
  }
}

const anyWish = fc.record({ slot: fc.nat(1), isProven: fc.boolean(), leaves: fc.boolean() });
type Wish = typeof anyWish extends fc.Arbitrary<infer T> ? T : never;

const anyRun = fc.record({
  wishes: fc.tuple(anyWish, anyWish),
  /** Whose turn it is, and for how many; when it is over both go on by themselves. */
  schedule: fc.array(fc.tuple(fc.nat(1), fc.integer({ min: 1, max: 12 })), { minLength: 1, maxLength: 12 }),
  lateness: fc.array(fc.nat(6), { minLength: 1, maxLength: 30 }),
});

/** The runs were worth something only if clients were stopped in all of these ways. */
const marks = new Set<string | null>();
const marksWanted = [
  "refused at logIn: already-online",
  "refused at prove: already-online",
  "refused at enterChar: not-logged-in",
  "kicked at choose: logged-in-elsewhere",
  "refused at enterMap: not-expected",
  "kicked at walk: logged-in-elsewhere",
  "kicked in the world: logged-in-elsewhere",
  "in the world",
  "left",
];

test("of two clients on one account one is in the world, and the other was told why it is not", async () => {
  const runs = fc.asyncProperty(anyRun, async ({ wishes, schedule, lateness }) => {
    let drawn = 0;
    turns = () => lateness[(drawn += 1) % lateness.length] ?? 0;
    const players = wishes.map((wish) => new Player(wish)) as [Player, Player];

    for (const [index, count] of schedule) {
      for (let taken = 0; taken < count; taken += 1) await players[index as 0 | 1].turn();
    }
    // Asked again when it is told to come again, which is sooner than it is told to.
    const isOver = async (player: Player): Promise<boolean> => {
      do await player.turn();
      while (player.outcome === null && !player.isAtStart);
      return player.outcome !== null;
    };
    await Promise.all(players.map((player) => until(() => isOver(player), { what: "a client arrives" })));
    // Who arrived may be asked to go again by what the other did last.
    const isSettled = (): boolean => {
      for (const player of players) player.heed();
      return watch.keys.length === 4 + 2 * inWorld(players).length;
    };
    await until(isSettled, { what: "nobody has a lock but who is in the world" });
    for (const mark of players.flatMap(({ told, outcome }) => [...told, outcome])) marks.add(mark);

    const outcomes = players.map(({ outcome }) => outcome);
    const there = inWorld(players);
    expect(there.length, outcomes.join("; ")).toBe(outcomes.includes("left") ? there.length : 1);
    for (const { walker } of there) {
      const { loginId1 } = walker.ticket;
      expect(watch.account(accountId)).toMatchObject({ state: "held", loginId1 });
      expect(watch.character(accountId)).toMatchObject({ state: "playing", loginId1 });
      await walker.go("say", "leave");
    }
    await until(() => watch.keys.length === 4 && seen.size === 0, { what: "the account is free" });
    expect(watch.broken).toEqual([]);
    expect(seenTogether).toEqual([]);
  });
  const numRuns = Number(process.env["TWO_CLIENTS_RUNS"] ?? 500);
  const seed = process.env["TWO_CLIENTS_SEED"];
  await fc.assert(runs, { numRuns, endOnFailure: true, ...(seed !== undefined && { seed: Number(seed) }) });
  expect(marksWanted.filter((mark) => !marks.has(mark))).toEqual([]);
});

test("a client that is asked to leave between its two locks is told so, and keeps neither", async () => {
  const first = new Walker(cluster, account);
  await first.go("reachLogin", "logIn", "reachChar");
  const hold = gate.hold("before", "world.choosing");
  const entering = first.steps.enterChar();
  await hold.reached();

  const second = new Walker(cluster, account, { slot: 1 });
  await second.go("reachLogin");
  expect(await second.steps.logIn()).toMatchObject({ refusal: "already-online" });
  expect((await entering).ok).toBe(false);
  expect(first.ended).toBe("logged-in-elsewhere");
  hold.open();
  await logInAgain(second);
  await second.go("say", "leave");
  await until(() => watch.keys.length === 4, { what: "the account is free" });
  expect(watch.broken).toEqual([]);
});

const inWorld = (players: readonly Player[]): readonly Player[] =>
  players.filter(({ outcome }) => outcome === "in the world");

function there<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error("asked before it was there");
  return value;
}
