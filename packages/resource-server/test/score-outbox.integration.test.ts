import {
  createAccountStore,
  createCharacterStore,
  createScoreOutbox,
  type Database,
  migrate,
  openDatabase,
  type ScoreOutbox,
} from "@sallyport/database";
import { type AccountId, type CharId, Fence, Unavailable } from "@sallyport/domain";
import { ManualClock, type TestDatabase, testDatabase, testHost } from "@sallyport/testkit";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { ScoreTaker } from "../src/score-outbox.ts";
import { migrateResources } from "../src/store/migrations.ts";

/* The databases of the accounts and of the leaderboards are two, so no transaction can span them. */

let dropped: readonly TestDatabase[] = [];
let accountsDatabase: Database;
let database: Database;
let outbox: ScoreOutbox;
beforeAll(async () => {
  const [ofAccounts, ofBoards] = await Promise.all([
    testDatabase({ migrate, template: "sallyport" }),
    testDatabase(),
  ]);
  dropped = [ofAccounts, ofBoards];
  await migrateResources(ofBoards.url);
  accountsDatabase = await openDatabase({ url: ofAccounts.url });
  database = await openDatabase({ url: ofBoards.url });
  outbox = createScoreOutbox(accountsDatabase);
});
afterAll(async () => {
  await Promise.all([accountsDatabase, database].map((each) => each?.close()));
  await Promise.all(dropped.map((each) => each.drop()));
});

const run = (on: Database, name: string, text: string, values: readonly unknown[] = []) =>
  on.query<{ [column: string]: unknown }>({ name: `test-${name}`, text }, values);

let made = 0;
let lines: { readonly about: object; readonly message: string }[];
let bugs: unknown[];
beforeEach(async () => {
  made += 1;
  [lines, bugs] = [[], []];
  await run(accountsDatabase, "empty", "DELETE FROM score_outbox");
});

const taker = (deps: Partial<ConstructorParameters<typeof ScoreTaker>[1]> = {}) => {
  const { log } = testHost();
  const line = (about: object, message: string): void => void lines.push({ about, message });
  const host = testHost({
    clock: new ManualClock(),
    failed: (error) => void bugs.push(error),
    log: { ...log, warn: line, info: line } as typeof log,
  });
  return new ScoreTaker(host, { outbox, database, ...deps });
};

const due = (): Promise<unknown> => run(accountsDatabase, "due", "UPDATE score_outbox SET due_at = now()");
const waiting = async (): Promise<number> =>
  (await run(accountsDatabase, "waiting", "SELECT key FROM score_outbox")).length;

async function board(name = `board ${made}`): Promise<{ id: unknown; name: string }> {
  const [row] = await run(
    database,
    "board",
    `INSERT INTO resource.leaderboards (name, default_permission, ascending) VALUES ($1, 1, false) RETURNING id`,
    [name],
  );
  return { id: row?.["id"], name };
}

const entriesOf = (name: string) =>
  run(
    database,
    "entries",
    `SELECT e.score, e.verified, e.verifier_id, u.identity, u.account_id::int AS account, e.source_key AS key,
       (SELECT c.content FROM resource.entry_comments c WHERE c.entry_id = e.id) AS comment
     FROM resource.leaderboard_entries e JOIN resource.users u ON u.id = e.user_id
     JOIN resource.leaderboards b ON b.id = e.leaderboard_id WHERE b.name = $1 ORDER BY e.id`,
    [name],
  );

interface Character {
  readonly accountId: AccountId;
  readonly accountFence: Fence;
  readonly charId: CharId;
  readonly name: string;
}

const credential = {
  ...{ salt: new Uint8Array(16), memoryKib: 19_456, iterations: 2, parallelism: 1 },
  ...{ storedKey: new Uint8Array(32), serverKey: new Uint8Array(32) },
};
const world = "Test";
let characters = 0;

/** A character that nobody has loaded yet. */
async function character(): Promise<Character> {
  const [accounts, store] = [createAccountStore(accountsDatabase), createCharacterStore(accountsDatabase)];
  const name = `player_${++characters}`;
  const account = await accounts.create({ name, sex: "female", credential });
  if (!account.ok) throw new Error(account.refusal);
  const { accountId } = account.value;
  const raised = await accounts.raiseFence(accountId);
  if (!raised.ok) throw new Error(raised.refusal);
  const { fence: accountFence } = raised.value;
  const position = { map: "harbour", x: 1, y: 1 };
  const created = await store.create({ accountId, accountFence, world, slot: 0, name, position });
  if (!created.ok) throw new Error(created.refusal);
  return { accountId, accountFence, charId: created.value.charId, name };
}

/** Loads it for a map-server. Returns its fence. */
async function own(of: Character, owner: string): Promise<Fence> {
  const store = createCharacterStore(accountsDatabase);
  const [listed] = await store.list({ accountId: of.accountId, world });
  const taken = await store.take({ ...of, world, owner, charFence: listed?.fence ?? Fence(0) });
  if (!taken.ok) throw new Error(taken.refusal);
  return taken.value.fence;
}

let keys = 0;
const freshKey = (): string => `key ${++keys}`;
const submission = (of: Character, fence: Fence, name: string, owner = "map-1", comment = "") => ({
  ...{ charId: of.charId, fence, owner, world, key: freshKey() },
  score: { board: name, score: 7.5, comment },
});
type Submission = ReturnType<typeof submission>;
const submit = (submitted: Submission) => createCharacterStore(accountsDatabase).submitScore(submitted);

test("a score becomes a verified entry of its board, with its author and comment", async () => {
  const { name } = await board();
  const ann = await character();
  const { key, ...submitted } = submission(ann, await own(ann, "map-1"), name, "map-1", "at low tide");
  await submit({ key, ...submitted });
  await taker().look();
  expect(await entriesOf(name)).toEqual([
    {
      ...{ score: 7.5, verified: true, verifier_id: null, key, comment: "at low tide" },
      ...{ identity: ann.name, account: ann.accountId },
    },
  ]);
  expect([await waiting(), lines, bugs]).toEqual([0, [], []]);
});

test("more scores than are taken at once are all taken, and their author is one user", async () => {
  const { name } = await board();
  const ann = await character();
  const fence = await own(ann, "map-1");
  await Promise.all(Array.from({ length: 450 }, () => submit(submission(ann, fence, name))));
  await taker().look();
  expect(await entriesOf(name)).toHaveLength(450);
  const of = "SELECT id FROM resource.users WHERE account_id = $1";
  expect(await run(database, "users", of, [ann.accountId])).toHaveLength(1);
});

test("scores of a known author draw no ids of users", async () => {
  const { name } = await board();
  const ann = await character();
  const fence = await own(ann, "map-1");
  for (let nth = 0; nth < 5; nth += 1) {
    await submit(submission(ann, fence, name));
    await taker().look();
  }
  const next = "SELECT nextval(pg_get_serial_sequence('resource.users', 'id'))::int - id AS ahead";
  const ahead = await run(database, "ahead", `${next} FROM resource.users WHERE account_id = $1`, [
    ann.accountId,
  ]);
  expect([(await entriesOf(name)).length, ahead]).toEqual([5, [{ ahead: 1 }]]);
});

test("a score counts once if its taker dies before it is deleted, and if two servers take at once", async () => {
  const { name } = await board();
  const ann = await character();
  const fence = await own(ann, "map-1");
  for (let nth = 0; nth < 5; nth += 1) await submit(submission(ann, fence, name));
  const dies = { ...outbox, remove: () => Promise.reject(new Unavailable("the process was killed")) };
  await taker({ outbox: dies }).look();
  expect([(await entriesOf(name)).length, await waiting()]).toEqual([5, 5]);
  await due();
  await Promise.all([taker().look(), taker().look(), taker().look()]);
  expect([(await entriesOf(name)).length, await waiting()]).toEqual([5, 0]);
});

test("an entry that a moderator has removed does not come back", async () => {
  const { name } = await board();
  const ann = await character();
  await submit(submission(ann, await own(ann, "map-1"), name));
  const dies = { ...outbox, remove: () => Promise.reject(new Unavailable("the process was killed")) };
  await taker({ outbox: dies }).look();
  await run(database, "removed", "DELETE FROM resource.leaderboard_entries");
  await due();
  await taker().look();
  expect([await entriesOf(name), await waiting()]).toEqual([[], 0]);
});

test("a score waits for its board, the log names the board once, and no other score waits", async () => {
  const { name } = await board();
  const ann = await character();
  const fence = await own(ann, "map-1");
  const missing = `missing ${made}`;
  for (let nth = 0; nth < 250; nth += 1) await submit(submission(ann, fence, missing));
  await submit(submission(ann, fence, name));
  const takes = taker();
  await takes.look();
  await due();
  await takes.look();
  expect([(await entriesOf(name)).length, await waiting()]).toEqual([1, 250]);
  expect(lines).toEqual([
    { about: { board: missing }, message: "scores wait for a board that does not exist" },
  ]);
  await board(missing);
  await takes.look();
  expect(await entriesOf(missing)).toEqual([]);
  await due();
  await takes.look();
  expect([(await entriesOf(missing)).length, await waiting()]).toEqual([250, 0]);
});

test.each(["outbox", "boards"])("while the database of the %s is away, scores wait", async (which) => {
  const { name } = await board();
  const ann = await character();
  await submit(submission(ann, await own(ann, "map-1"), name));
  let isAway = true;
  const fails: Database["query"] = (...of) =>
    isAway ? Promise.reject(new Unavailable("no answer")) : on.query(...of);
  const on = which === "outbox" ? accountsDatabase : database;
  const away = { ...on, query: fails };
  const takes = taker(which === "outbox" ? { outbox: createScoreOutbox(away) } : { database: away });
  await takes.look();
  await takes.look();
  isAway = false;
  await due();
  await takes.look();
  expect((await entriesOf(name)).length).toBe(1);
  expect(lines.map(({ message }) => message)).toEqual([
    "scores of games wait for a database",
    "scores of games are taken again",
  ]);
});

test("it looks by itself, and takes nothing more once it is stopped", async () => {
  const { name } = await board();
  const ann = await character();
  const fence = await own(ann, "map-1");
  const takes = taker();
  await submit(submission(ann, fence, name));
  takes.start();
  await takes.look();
  expect(await entriesOf(name)).toHaveLength(1);
  await takes.stop();
  await submit(submission(ann, fence, name));
  await takes.look();
  expect(await entriesOf(name)).toHaveLength(1);
});

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ does: fc.constant("submit" as const), by: fc.nat(1) }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant("delay" as const), by: fc.nat(1) }) },
  { weight: 4, arbitrary: fc.record({ does: fc.constant("send again" as const), which: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant("own" as const), by: fc.nat(1) }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant("take" as const) }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant("take and die" as const) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("take twice" as const) }) },
);

/**
 * Two map-servers own a character in turn and submit scores for it. A request is delayed or sent again at any
 * later time. Resource servers take the scores, alone or two at once, and die before they delete what they took.
 */
test("no score of an earlier owner is entered, none twice, and none is lost that was acknowledged", async () => {
  const seen = { acknowledged: 0, refused: 0, again: 0, late: 0, died: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (program) => {
      made += 1;
      const { name } = await board(`property ${made}`);
      const ann = await character();
      const names = ["blue", "red"] as const;
      const fences = [Fence(0), Fence(0)];
      let owner: 0 | 1 | null = null;
      let newest = Fence(0);
      const acknowledged = new Set<string>();
      const sent: Submission[] = [];
      const send = async (submitted: Submission): Promise<void> => {
        const isOwner = owner !== null && submitted.owner === names[owner] && submitted.fence === newest;
        const answer = await submit(submitted);
        expect(answer.ok).toBe(isOwner);
        seen[isOwner ? "acknowledged" : "refused"] += 1;
        if (isOwner && acknowledged.has(submitted.key)) seen.again += 1;
        if (isOwner) acknowledged.add(submitted.key);
      };
      const dies = { ...outbox, remove: () => Promise.reject(new Unavailable("killed")) };
      for (const doing of program) {
        switch (doing.does) {
          case "submit":
          case "delay": {
            const by = doing.by as 0 | 1;
            const submitted = submission(ann, fences[by] ?? Fence(0), name, names[by]);
            sent.push(submitted);
            if (doing.does === "submit") await send(submitted);
            break;
          }
          case "send again": {
            const late = sent[doing.which % Math.max(1, sent.length)];
            if (late !== undefined) await send(late);
            if (late !== undefined) seen.late += 1;
            break;
          }
          case "own":
            owner = doing.by as 0 | 1;
            newest = await own(ann, names[owner]);
            fences[owner] = newest;
            break;
          case "take":
            await taker().look();
            break;
          case "take and die":
            await taker({ outbox: dies }).look();
            await due();
            seen.died += 1;
            break;
          case "take twice":
            await Promise.all([taker().look(), taker().look()]);
        }
      }
      await due();
      await taker().look();
      const entered = (await entriesOf(name)).map(({ key }) => String(key));
      expect(entered.sort()).toEqual([...acknowledged].sort());
      expect(await waiting()).toBe(0);
    }),
    { numRuns: 60 },
  );
  for (const [what, count] of Object.entries(seen)) expect(count, what).toBeGreaterThan(0);
  expect(bugs).toEqual([]);
});
