import { AccountId, CharId, Fence, Unavailable } from "@sallyport/domain";
import { type RunningPostgres, startPostgres, until } from "@sallyport/testkit";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type CharacterSave,
  createAccountLookup,
  type Database,
  migrate,
  openDatabase,
} from "../src/index.ts";
import {
  bySaver,
  createCharacter,
  credential,
  freshName,
  position,
  stateWith,
  storesOn,
  take,
  world,
} from "./sample-rows.ts";

/*
 * These tests run the most frequent statements of servers. Meanwhile Postgres cancels statements, locks
 * tables, ends connections or dies.
 */

/** The stores wait this long for an answer. Postgres cancels a statement after two thirds of this time. */
const answerMsMax = 300;
let postgres: RunningPostgres;
let url: string;
beforeAll(async () => {
  postgres = await startPostgres();
  ({ url } = await postgres.createDatabase());
  await migrate(url);
});
afterAll(() => postgres.stop());

test("ten statements that wait too long for a lock on new connections are unavailable, and are answered afterwards", async () => {
  const database = await openInTime();
  const { characters } = storesOn(database);
  const lists = () => Array.from({ length: 10 }, () => characters.list({ accountId: AccountId(1), world }));
  const unlock = await lockTables();
  for (const outcome of await Promise.allSettled(lists())) {
    expect(outcome).toMatchObject({ status: "rejected", reason: expect.any(Unavailable) });
  }
  await unlock();
  const answers = await until(() => Promise.all(lists()), { what: "all are answered" });
  expect(answers).toEqual(Array(10).fill([]));
  await database.close();
});

/** A busy machine may take longer than `answerMsMax` to open a connection, or to answer. */
const openInTime = (): Promise<Database> =>
  until(() => openDatabase({ url, answerMsMax }), { what: "Postgres is connected in time" });
const untilAnswered = (run: () => Promise<unknown>): Promise<true> =>
  until(() => run().then(() => true as const), { what: "a statement is answered in time" });

/** A fault strikes while the statements wait for locked tables. */
interface Fault {
  readonly named: string;
  /** In a separate run for each of these numbers, the fault strikes after so many answered statements. */
  readonly points: (statements: number) => readonly number[];
  strike(): Promise<unknown>;
  /** Repairs the damage after all statements were answered or given up. */
  mend?(): Promise<void>;
  /** If this is true, the tables stay locked until all statements were answered or given up. */
  readonly isLockedThroughout?: boolean;
}

const everyPoint = (statements: number): readonly number[] => [...Array(statements).keys()];
const threePoints = (statements: number): readonly number[] => [
  0,
  Math.floor(statements / 2),
  statements - 1,
];
const backends = "FROM pg_stat_activity WHERE application_name = 'sallyport'";

const faults: readonly Fault[] = [
  {
    named: "locks them out for too long",
    points: everyPoint,
    strike: async () => undefined,
    isLockedThroughout: true,
  },
  {
    named: "cancels them",
    points: everyPoint,
    strike: () => ask(`SELECT pg_cancel_backend(pid) ${backends}`),
  },
  {
    named: "terminates their connections",
    points: everyPoint,
    strike: () => ask(`SELECT pg_terminate_backend(pid) ${backends}`),
  },
  { named: "is killed", points: threePoints, strike: () => postgres.kill(), mend: () => postgres.start() },
];

test.each(faults)(
  "while Postgres $named, each hot statement is answered or unavailable, and answered afterwards",
  async ({ points, strike, mend, isLockedThroughout = false }) => {
    const hot = await HotStatements.prepare();
    for (const point of points(hot.all.length)) {
      const database = await openInTime();
      const runs = hot.all.map((run) => () => run(database));
      for (const run of runs.slice(0, point)) await untilAnswered(run);
      const unlock = await lockTables();
      let settled = false;
      // Each statement is sent twice. The second one is sent before Postgres has answered that the first is
      // parsed.
      const answers = Promise.allSettled(runs.slice(point).flatMap((run) => [run(), run()])).finally(() => {
        settled = true;
      });
      const waiting = `SELECT ${backends} AND wait_event_type = 'Lock'`;
      await until(async () => settled || (await ask(waiting)).length > 0, { what: "they wait" });
      await strike();
      if (!isLockedThroughout) await unlock();
      for (const answer of await answers) {
        if (answer.status === "rejected") expect(answer.reason, `at ${point}`).toBeInstanceOf(Unavailable);
      }
      if (isLockedThroughout) await unlock();
      await mend?.();
      for (const run of runs) await untilAnswered(run);
      await hot.expectSavesKept();
      await database.close();
    }
  },
);

class HotStatements {
  #saveNumber = 0;
  #acknowledged = 0;
  readonly #played: Awaited<ReturnType<typeof createCharacter>>["reference"];
  readonly #fence: Fence;
  readonly all: readonly ((database: Database) => Promise<unknown>)[];

  private constructor(
    played: Awaited<ReturnType<typeof createCharacter>>["reference"],
    fence: Fence,
    other: Awaited<ReturnType<typeof createCharacter>>,
  ) {
    this.#played = played;
    this.#fence = fence;
    const { accountId, accountFence, charId } = other.reference;
    const listed = { ...other.reference, charFence: Fence(0) };
    const passed = { ...bySaver, charId, fence: Fence(1), saveNumber: 1, state: stateWith({}) };
    const signed = { version: 0, value: 1, writeId: { writer: "map-1", number: 1 } };
    const set = { credential: credential(), endsLogins: true };
    const made = () => ({ accountId, accountFence, world, slot: 1, name: freshName(), position });
    this.all = [
      (on) => this.#save((save) => storesOn(on).characters.save(save)),
      (on) => storesOn(on).accounts.findByName(freshName()),
      (on) => storesOn(on).accounts.findByEmail("nobody@example.org"),
      (on) => storesOn(on).accounts.isInvitation(credential().storedKey),
      (on) => storesOn(on).accounts.hasLoggedInFrom({ accountId, address: "192.0.2.1" }),
      (on) => storesOn(on).accounts.forgetPlaces(),
      (on) => storesOn(on).mailTokens.confirm(credential().storedKey),
      (on) => storesOn(on).mailTokens.reset({ tokenHash: credential().storedKey, ...set }),
      (on) => storesOn(on).accounts.create({ name: freshName(), sex: "male", credential: credential() }),
      (on) => storesOn(on).accounts.raiseFence(accountId),
      (on) => storesOn(on).accounts.noteLogin({ accountId, fence: accountFence, address: "192.0.2.1" }),
      (on) => storesOn(on).accounts.parametersInUse(),
      (on) => storesOn(on).accounts.setBan({ accountId: AccountId(1), untilMs: null }),
      (on) => storesOn(on).characters.list({ accountId, world }),
      (on) => storesOn(on).characters.create(made()),
      (on) => storesOn(on).characters.delete({ ...listed, charId: CharId(1) }),
      (on) => storesOn(on).characters.find({ name: "nobody", world }),
      (on) => storesOn(on).characters.rename({ ...listed, charId: CharId(1), name: freshName() }),
      (on) => storesOn(on).characters.move({ ...listed, charId: CharId(1), position }),
      (on) => storesOn(on).characters.nameOfAccount(accountId),
      (on) => storesOn(on).characters.fillSkeletons(world),
      (on) => storesOn(on).characters.reserveDeletion({ ...other.reference, deleteAfterS: null }),
      (on) => storesOn(on).characters.take({ ...listed, owner: "map-1" }),
      (on) => storesOn(on).characters.pass(passed, "map-2"),
      (on) => storesOn(on).mapHosts.store(world, new Map([["harbour", "map-1"]])),
      (on) => storesOn(on).mapHosts.load(world),
      (on) => storesOn(on).worldStates.read(world, ["sign"]),
      (on) => storesOn(on).worldStates.change(world, "sign", signed),
      (on) => createAccountLookup(on).find("#1"),
      (on) => this.#save(async (save) => (await storesOn(on).characters.saveMany([save])).size === 0),
    ];
  }

  static async prepare(): Promise<HotStatements> {
    const database = await openDatabase({ url });
    const stores = storesOn(database);
    const played = await createCharacter(stores);
    const other = await createCharacter(stores);
    const taken = await take(stores, played.reference);
    await database.close();
    if (!taken.ok) throw new Error(taken.refusal);
    return new HotStatements(played.reference, taken.value.fence, other);
  }

  async #save(run: (save: CharacterSave) => Promise<unknown>): Promise<void> {
    const saveNumber = ++this.#saveNumber;
    const state = stateWith({ saveNumber });
    await run({ ...bySaver, charId: this.#played.charId, fence: this.#fence, saveNumber, state });
    this.#acknowledged = Math.max(this.#acknowledged, saveNumber);
  }

  /** Checks that each acknowledged save, or a newer one, is stored. */
  async expectSavesKept(): Promise<void> {
    const [row] = await ask(`SELECT attributes FROM characters WHERE id = ${this.#played.charId}`);
    expect(row?.["attributes"].saveNumber).toBeGreaterThanOrEqual(this.#acknowledged);
    expect(this.#acknowledged).toBeGreaterThan(0);
  }
}

async function lockTables(): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {}); // its server is killed
  await client.connect();
  await client.query("BEGIN; LOCK TABLE accounts, characters IN ACCESS EXCLUSIVE MODE");
  return () => client.end();
}

async function ask(text: string): Promise<pg.QueryResultRow[]> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {}); // the query rejects with the same error
  try {
    await client.connect();
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}
