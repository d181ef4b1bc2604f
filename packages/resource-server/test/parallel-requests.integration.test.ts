import { lockTable, OpenTransaction, query, until } from "@sallyport/testkit";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { Asking, type Person } from "./asking.ts";
import { type Board, Boards } from "./boards.ts";

/*
 * Requests that arrive at once do not pass a bound together. A lock holds the first ones until all of them have
 * begun, so each would find room if it counted what was stored when it began.
 */

let asking: Asking;
let admin: Person;
let boards: Boards;
let board: Board;
beforeAll(async () => {
  asking = await Asking.open();
  admin = asking.person("root", "administrator");
  boards = new Boards(asking, admin);
});
beforeEach(async () => {
  board = await boards.make();
});
afterAll(() => asking.close());

/** Returns the answers to two requests of one user. Both run before either can be stored. */
async function bothAtOnce(table: string, name: string, fields: object): Promise<unknown[]> {
  const lock = await lockTable(asking.url, table, "EXCLUSIVE");
  try {
    const answers = [1, 2].map(() => asking.ask(board.writer, name, fields));
    await until(async () => (await lock.waiting()) === 2, { what: "both requests wait" });
    await lock.commit();
    return await Promise.all(answers);
  } finally {
    await lock.commit();
  }
}

test("entries of one user that arrive at once do not pass the bound of unverified ones", async () => {
  for (let count = 1; count < 5; count += 1) await boards.added(board, board.writer);
  const more = { leaderboard_id: board.id, score: 1, comment: "" };
  expect(await bothAtOnce("resource.users", "AddEntry", more)).toEqual(
    expect.arrayContaining([expect.any(Number), expect.stringContaining("5 of your entries wait")]),
  );
});

test("proofs of one user that arrive at once do not pass the bound of bytes", async () => {
  const id = await boards.added(board, board.writer);
  const proof = { entry_id: id, filename: "a.bin", file: Buffer.alloc(6_000).toString("base64") };
  expect(await bothAtOnce("resource.leaderboard_entries", "AddProof", proof)).toEqual(
    expect.arrayContaining([null, expect.stringContaining("more than 10000 bytes")]),
  );
});

test("a moderator does not unmake a moderator that an administrator makes at the same time", async () => {
  const target = await asking.idOf(board.writer);
  const made = await OpenTransaction.begin(
    asking.url,
    `UPDATE resource.permissions SET permission = 3 WHERE leaderboard_id = ${board.id} AND user_id = ${target}`,
  );
  try {
    const grant = { leaderboard_id: board.id, user_id: target, permission: 1 };
    const unmade = asking.ask(board.moderator, "SetPermission", grant);
    await until(async () => (await made.waiting()) === 1, { what: "the moderator's grant waits" });
    await made.commit();
    expect(await unmade).toContain("made a moderator");
    expect(await asking.ask(admin, "SetPermission", grant)).toBeNull();
  } finally {
    await made.commit();
  }
});

test("comments on one entry that arrive at once do not pass their bound", async () => {
  const id = await boards.added(board, board.writer);
  await query(
    asking.url,
    `INSERT INTO resource.entry_comments (entry_id, user_id, content)
      SELECT id, user_id, 'again' FROM resource.leaderboard_entries, generate_series(1, 199) WHERE id = $1`,
    [id],
  );
  const comment = { entry_id: id, content: "one more" };
  expect(await bothAtOnce("resource.leaderboard_entries", "AddComment", comment)).toEqual(
    expect.arrayContaining([null, expect.stringContaining("200 comments")]),
  );
});
