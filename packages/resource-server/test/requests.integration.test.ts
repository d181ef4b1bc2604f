import { query } from "@sallyport/testkit";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { resourceRequests } from "../src/index.ts";
import { Asking, denied, type Person } from "./asking.ts";
import { type Board, Boards } from "./boards.ts";

/* Each request on Postgres, for everybody who may and everybody who may not. */

let asking: Asking;
let admin: Person;
beforeAll(async () => {
  asking = await Asking.open();
  admin = asking.person("root", "administrator");
  boards = new Boards(asking, admin);
});
afterAll(() => asking.close());

const ask = (person: Person, name: string, fields: object = {}) => asking.ask(person, name, fields);

let boards: Boards;
const newBoard = (permission?: number) => boards.make(permission);
const allowed: Boards["allowed"] = (...of) => boards.allowed(...of);
const added: Boards["added"] = (...of) => boards.added(...of);
const verified: Boards["verified"] = (...of) => boards.verified(...of);
const proofOf: Boards["proofOf"] = (...of) => boards.proofOf(...of);

let made = 0;
let board: Board;
beforeEach(async () => {
  board = await newBoard();
});

describe("leaderboards", () => {
  test("are listed for those who may read them, with their level", async () => {
    const seen = async (person: Person) =>
      ((await ask(person, "ListLeaderboards")) as [number, string, number][]).find(([id]) => id === board.id);
    expect(await seen(board.nobody)).toBeUndefined();
    expect(await seen(board.reader)).toEqual([board.id, board.name, 1]);
    expect(await seen(board.moderator)).toEqual([board.id, board.name, 3]);
    expect(await seen(admin)).toEqual([board.id, board.name, 3]);
  });

  test("are shown with their entries, the best first, and of equal scores the first", async () => {
    const scores = [3, 9, 3, -1.5];
    const ids: number[] = [];
    for (const score of scores) ids.push(await verified(board, await added(board, board.writer, score)));
    const shown = async (person: Person, page = {}) =>
      (await ask(person, "ShowOneLeaderboard", { leaderboard_id: board.id, ...page })) as {
        entries: [number, number, string, number, number, boolean][];
      };
    const [a, b, c, d] = ids;
    expect((await shown(board.reader)).entries.map(([id]) => id)).toEqual([b, a, c, d]);
    expect((await shown(board.reader)).entries[0]?.[2]).toBe(board.writer.identity);
    expect((await shown(board.reader, { offset: 1, limit: 2 })).entries.map(([id]) => id)).toEqual([a, c]);
    expect(await ask(admin, "ChangeScoreOrder", { leaderboard_id: board.id, ascending: true })).toBeNull();
    expect(await shown(board.reader)).toMatchObject({ id: board.id, name: board.name, ascending: true });
    expect((await shown(board.reader)).entries.map(([id]) => id)).toEqual([d, a, c, b]);
  });

  test("show unverified entries to moderators and to their authors", async () => {
    const other = await added(board, board.moderator);
    const own = await added(board, board.writer);
    for (const name of ["ShowOneLeaderboard", "ListUnverified"]) {
      const ids = async (person: Person) => {
        const data = await ask(person, name, { leaderboard_id: board.id });
        const entries = (name === "ListUnverified" ? data : (data as { entries: unknown }).entries) as [
          number,
        ][];
        return entries.map(([id]) => id).sort((one, two) => one - two);
      };
      expect(await ids(board.reader)).toEqual([]);
      expect(await ids(board.writer)).toEqual([own]);
      expect(await ids(board.moderator)).toEqual([other, own]);
      expect(await ids(admin)).toEqual([other, own]);
    }
  });

  test("are unknown if there are none of their id", async () => {
    const missing = { leaderboard_id: 2_000_000 };
    const answer = "Bad request. leaderboard_id: there is no such leaderboard";
    expect(await ask(board.nobody, "ShowOneLeaderboard", missing)).toBe(answer);
    expect(await ask(admin, "RemoveLeaderboard", missing)).toBe(answer);
  });

  test("have names of their own", async () => {
    const again = { leaderboard_name: board.name, leaderboard_permission: 0, leaderboard_ascending: true };
    expect(await ask(admin, "CreateLeaderboard", again)).toContain("another leaderboard has this name");
  });

  test("are made, ordered and removed by administrators only", async () => {
    const fields = { leaderboard_permission: 0, leaderboard_ascending: true };
    const make = () => ({ ...fields, leaderboard_name: `Made ${++made}` });
    expect(await allowed(board, "CreateLeaderboard", make)).toEqual(["administrator"]);
    const order = () => ({ leaderboard_id: board.id, ascending: true });
    expect(await allowed(board, "ChangeScoreOrder", order)).toEqual(["administrator"]);
    expect(await allowed(board, "RemoveLeaderboard", () => ({ leaderboard_id: board.id }))).toEqual([
      "administrator",
    ]);
  });

  test("go with everything that belongs to them", async () => {
    const entryId = await added(board, board.writer, 1, "first");
    await proofOf(board.writer, entryId);
    expect(await ask(admin, "RemoveLeaderboard", { leaderboard_id: board.id })).toBeNull();
    const { rows } = await query(
      asking.url,
      `SELECT (SELECT count(*) FROM resource.leaderboard_entries WHERE id = $1)
        + (SELECT count(*) FROM resource.entry_comments WHERE entry_id = $1)
        + (SELECT count(*) FROM resource.files WHERE entry_id = $1) AS count`,
      [entryId],
    );
    expect(rows).toEqual([{ count: "0" }]);
  });

  test("with a level for everybody let everybody do as much", async () => {
    const open = await newBoard(2);
    expect(await added(open, open.nobody)).toBeGreaterThan(0);
    expect(await ask(open.nobody, "ListLeaderboards")).toContainEqual([open.id, open.name, 2]);
    // A grant below that level takes nothing away.
    expect(await added(open, open.reader)).toBeGreaterThan(0);
  });
});

describe("entries", () => {
  test("are submitted by those who may write", async () => {
    const entry = () => ({ leaderboard_id: board.id, score: 2, comment: "done" });
    expect(await allowed(board, "AddEntry", entry)).toEqual(["writer", "moderator", "administrator"]);
  });

  test("are shown with author, comments and proofs", async () => {
    const id = await added(board, board.writer, 12.5, "first");
    await proofOf(board.writer, id);
    const userId = await asking.idOf(board.writer);
    const unverified = await ask(board.writer, "GetEntry", { entry_id: id });
    expect(unverified).toMatchObject({
      entry: [id, userId, board.writer.identity, 12.5, expect.any(Number), false, null, null, null],
      comments: [[board.writer.identity, expect.any(Number), "first"]],
      files: [[expect.any(Number), "run.txt", expect.any(Number)]],
    });
    await verified(board, id);
    const verifierId = await asking.idOf(board.moderator);
    const { entry } = (await ask(board.reader, "GetEntry", { entry_id: id })) as { entry: unknown[] };
    expect(entry.slice(5)).toEqual([true, verifierId, board.moderator.identity, expect.any(Number)]);
    expect(Math.abs(Number(entry[8]) - Date.now() / 1_000)).toBeLessThan(600);
  });

  test("that are not verified are shown to their author and to moderators", async () => {
    const id = await added(board, board.writer);
    const show = () => ({ entry_id: id });
    expect(await allowed(board, "GetEntry", show)).toEqual(["writer", "moderator", "administrator"]);
    await verified(board, id);
    expect(await allowed(board, "GetEntry", show)).toEqual([
      "reader",
      "writer",
      "moderator",
      "administrator",
    ]);
  });

  test("are verified by moderators, and a verification that changes nothing is refused", async () => {
    const verify = async () => ({ entry_id: await added(board, board.moderator), verified: true });
    expect(await allowed(board, "ModifyEntryVerification", verify)).toEqual(["moderator", "administrator"]);
    const own = await verified(board, await added(board, board.writer));
    const again = { entry_id: own, verified: true };
    expect(await ask(admin, "ModifyEntryVerification", again)).toBe(
      "Bad request. verified: it is true already, or the entry was removed",
    );
    expect(await ask(admin, "ModifyEntryVerification", { ...again, verified: false })).toBeNull();
    const { entry } = (await ask(admin, "GetEntry", { entry_id: own })) as { entry: unknown[] };
    expect(entry.slice(5)).toEqual([false, null, null, null]);
  });

  test("are commented on by their author and by moderators", async () => {
    const id = await verified(board, await added(board, board.writer));
    const comment = () => ({ entry_id: id, content: "nice" });
    expect(await allowed(board, "AddComment", comment)).toEqual(["writer", "moderator", "administrator"]);
    const { comments } = (await ask(board.reader, "GetEntry", { entry_id: id })) as { comments: unknown[][] };
    expect(comments.map(([identity]) => identity)).toEqual([
      board.writer.identity,
      board.moderator.identity,
      "root",
    ]);
  });

  test("are removed by their author and by moderators, with comments and proofs", async () => {
    const remove = async () => {
      const id = await added(board, board.writer, 1, "x");
      // Otherwise too many of them would wait to be verified.
      return { entry_id: await verified(board, id) };
    };
    expect(await allowed(board, "RemoveEntry", remove)).toEqual(["writer", "moderator", "administrator"]);
    const id = await added(board, board.writer);
    expect(await ask(board.writer, "RemoveEntry", { entry_id: id })).toBeNull();
    expect(await ask(admin, "GetEntry", { entry_id: id })).toBe(
      "Bad request. entry_id: there is no such entry",
    );
  });

  test("that wait to be verified are only so many of one user on one leaderboard", async () => {
    for (let count = 0; count < 5; count += 1) await added(board, board.writer);
    const more = { leaderboard_id: board.id, score: 1, comment: "" };
    expect(await ask(board.writer, "AddEntry", more)).toContain("5 of your entries wait to be verified");
    expect(await added(board, board.moderator)).toBeGreaterThan(0);
  });

  test("have only so many comments", async () => {
    const id = await added(board, board.writer);
    await query(
      asking.url,
      `INSERT INTO resource.entry_comments (entry_id, user_id, content)
        SELECT id, user_id, 'again' FROM resource.leaderboard_entries, generate_series(1, 200) WHERE id = $1`,
      [id],
    );
    expect(await ask(board.writer, "AddComment", { entry_id: id, content: "one more" })).toContain(
      "200 comments",
    );
  });
});

describe("proofs", () => {
  test("are added by the author alone", async () => {
    const id = await verified(board, await added(board, board.writer));
    const proof = () => ({ entry_id: id, filename: "a.txt", file: "YQ==" });
    expect(await allowed(board, "AddProof", proof)).toEqual(["writer"]);
  });

  test("are downloaded as they were by those who may see the entry", async () => {
    const bytes = String.fromCharCode(...Array.from({ length: 200 }, (_, index) => index));
    const id = await added(board, board.writer);
    const fileId = await proofOf(board.writer, id, bytes);
    const download = () => ({ file_id: fileId });
    expect(await allowed(board, "DownloadProof", download)).toEqual(["writer", "moderator", "administrator"]);
    await verified(board, id);
    expect(await allowed(board, "DownloadProof", download)).toEqual([
      ...["reader", "writer", "moderator", "administrator"],
    ]);
    const encoded = (await ask(board.reader, "DownloadProof", download())) as string;
    expect(Buffer.from(encoded, "base64").toString()).toBe(bytes);
  });

  test("are removed by the author and by moderators", async () => {
    const id = await added(board, board.writer);
    const remove = async () => ({ file_id: await proofOf(board.writer, id) });
    expect(await allowed(board, "RemoveProof", remove)).toEqual(["writer", "moderator", "administrator"]);
    const gone = await proofOf(board.writer, id);
    expect(await ask(admin, "RemoveProof", { file_id: gone })).toBeNull();
    expect(await ask(admin, "DownloadProof", { file_id: gone })).toContain("file_id: there is no such proof");
  });

  test("of one user take only so many bytes, and an entry has only so many", async () => {
    const id = await added(board, board.writer);
    const proof = (bytes: number) => ({
      ...{ entry_id: id, filename: "a.bin" },
      file: Buffer.alloc(bytes).toString("base64"),
    });
    expect(await ask(board.writer, "AddProof", proof(9_985))).toBeNull();
    expect(await ask(board.writer, "AddProof", proof(16))).toContain("more than 10000 bytes");
    for (let count = 1; count < 16; count += 1)
      expect(await ask(board.writer, "AddProof", proof(1))).toBeNull();
    expect(await ask(board.writer, "RemoveProof", { file_id: 0 })).toContain("file_id: not");
    expect(await ask(board.writer, "AddProof", proof(1))).toContain("the entry has 16 proofs");
  });
});

describe("users", () => {
  test("are listed for everybody, by id", async () => {
    const users = (await ask(board.nobody, "ListUsers")) as [number, string][];
    expect(users).toContainEqual([await asking.idOf(board.writer), board.writer.identity]);
    expect(users.map(([id]) => id)).toEqual(users.map(([id]) => id).sort((one, two) => one - two));
    expect(await ask(board.nobody, "ListUsers", { limit: 1, offset: 1 })).toEqual([users[1]]);
  });

  test("are shown to everybody with the entries that the asker may see", async () => {
    const first = await verified(board, await added(board, board.writer, 4));
    const second = await added(board, board.writer, 5);
    const user_id = await asking.idOf(board.writer);
    const ids = async (person: Person) => {
      const shown = (await ask(person, "ViewUser", { user_id })) as {
        entries: [number][];
        user_data: unknown[];
      };
      expect(shown.user_data).toEqual([board.writer.identity, expect.any(Number)]);
      return shown.entries.map(([id]) => id);
    };
    expect(await ids(board.nobody)).toEqual([]);
    expect(await ids(board.reader)).toEqual([first]);
    for (const person of [board.writer, board.moderator, admin])
      expect(await ids(person)).toEqual([first, second]);
    expect(await ask(admin, "ViewUser", { user_id: 2_000_000 })).toBe(
      "Bad request. user_id: there is no such user",
    );
  });

  test("and what they are granted are shown to administrators, and to moderators of the leaderboard", async () => {
    const user_id = await asking.idOf(board.writer);
    const view = () => ({ user_id });
    expect(await allowed(board, "ViewPermissions", view)).toEqual(["moderator", "administrator"]);
    expect(await ask(board.moderator, "ViewPermissions", view())).toEqual([[board.id, 2]]);
    const other = await newBoard();
    expect(await ask(other.moderator, "ViewPermissions", view())).toEqual([]);
  });

  test("are removed by administrators only, with everything that they own, and may come back", async () => {
    const entryId = await added(board, board.writer, 1, "x");
    const user_id = await asking.idOf(board.writer);
    for (const person of [board.nobody, board.moderator])
      expect(await ask(person, "RemoveUser", { user_id })).toBe(denied);
    expect(await ask(admin, "RemoveUser", { user_id })).toBeNull();
    expect(await ask(admin, "GetEntry", { entry_id: entryId })).toContain("no such entry");
    expect(await asking.idOf(board.writer)).toBeGreaterThan(user_id);
    expect(await ask(board.writer, "AddEntry", { leaderboard_id: board.id, score: 1, comment: "" })).toBe(
      denied,
    );
  });

  test("who verified an entry may be removed, and the entry stays verified", async () => {
    const id = await verified(board, await added(board, board.writer));
    await ask(admin, "RemoveUser", { user_id: await asking.idOf(board.moderator) });
    const { entry } = (await ask(board.reader, "GetEntry", { entry_id: id })) as { entry: unknown[] };
    expect(entry.slice(5)).toEqual([true, null, null, expect.any(Number)]);
  });
});

describe("levels", () => {
  test("are listed for moderators, by level", async () => {
    const list = () => ({ leaderboard_id: board.id });
    expect(await allowed(board, "ListAccessGroups", list)).toEqual(["moderator", "administrator"]);
    expect(await ask(admin, "ListAccessGroups", list())).toEqual([
      [await asking.idOf(board.reader), board.reader.identity, 1],
      [await asking.idOf(board.writer), board.writer.identity, 2],
      [await asking.idOf(board.moderator), board.moderator.identity, 3],
    ]);
  });

  test("are granted by administrators, and below their own by moderators", async () => {
    const grant = async (person: Person, to: Person, permission: number) =>
      ask(person, "SetPermission", {
        ...{ leaderboard_id: board.id, permission },
        user_id: await asking.idOf(to),
      });
    for (const person of [board.nobody, board.reader, board.writer])
      expect(await grant(person, board.nobody, 1)).toBe(denied);
    expect(await grant(board.moderator, board.nobody, 2)).toBeNull();
    expect(await grant(board.moderator, board.nobody, 3)).toBe(denied);
    expect(await grant(board.moderator, board.moderator, 0)).toBe(denied);
    expect(await grant(board.moderator, admin, 0)).toBe(denied);
    expect(await grant(admin, board.moderator, 0)).toBeNull();
    expect(await grant(board.moderator, board.nobody, 0)).toBe(denied);
  });

  test("of the seed that do not exist are refused", async () => {
    const user_id = await asking.idOf(board.nobody);
    const grant = { user_id, leaderboard_id: board.id, permission: 4 };
    expect(await ask(admin, "SetPermission", grant)).toBe("Bad request. permission: not 0, 1, 2 or 3");
  });
});

test("every request succeeds above at least once", () => {
  const names = resourceRequests.map(({ name }) => name);
  expect(names.filter((name) => !asking.succeeded.has(name))).toEqual([]);
});
