import { query } from "@sallyport/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Asker, maySee } from "../src/permissions.ts";
import { Asking } from "./asking.ts";

let asking: Asking;
beforeAll(async () => {
  asking = await Asking.open();
});
afterAll(() => asking.close());

const levels = [0, 1, 2, 3] as const;

/** Every combination of a leaderboard's level, the asker's grant, author and verification, as rows. */
test("lists leave out exactly the entries that may not be seen", async () => {
  const [ownId, otherId] = [
    await asking.idOf(asking.person("own")),
    await asking.idOf(asking.person("other")),
  ];
  for (const level of levels)
    for (const granted of levels) {
      const made = await query(
        asking.url,
        `INSERT INTO resource.leaderboards (name, default_permission, ascending)
          VALUES ($1, $2, false) RETURNING id`,
        [`${level} ${granted}`, level],
      );
      const boardId = made.rows[0].id as number;
      await query(asking.url, "INSERT INTO resource.permissions VALUES ($1, $2, $3)", [
        boardId,
        ownId,
        granted,
      ]);
      for (const userId of [ownId, otherId])
        for (const verified of [true, false])
          await query(
            asking.url,
            `INSERT INTO resource.leaderboard_entries (leaderboard_id, user_id, score, verified)
              VALUES ($1, $2, 1, $3)`,
            [boardId, userId, verified],
          );
    }
  const { facts, entries, users } = asking.store;
  const page = { limit: 1_000, offset: 0 };
  const stored = await query(asking.url, "SELECT id, leaderboard_id FROM resource.leaderboard_entries");
  const rows = stored.rows as { id: number; leaderboard_id: number }[];
  for (const isAdministrator of [false, true]) {
    const asker: Asker = { userId: ownId, identity: "own", isAdministrator };
    const may = new Set<number>();
    for (const { id } of rows) {
      const entry = await facts.entry(id, ownId);
      if (entry !== null && maySee(asker, entry)) may.add(id);
    }
    expect(may.size).toBeGreaterThan(10);
    const sorted = (ids: Iterable<number>) => [...ids].sort((one, two) => one - two);
    const ofUsers = await Promise.all([ownId, otherId].map((id) => users.entriesOf(id, asker, page)));
    expect(sorted(ofUsers.flat().map(([id]) => id))).toEqual(sorted(may));
    for (const boardId of new Set(rows.map(({ leaderboard_id }) => leaderboard_id))) {
      const board = await facts.board(boardId, ownId);
      if (board === null) throw new Error("the leaderboard is gone");
      const expected = rows.filter((row) => row.leaderboard_id === boardId && may.has(row.id));
      const listed = (await entries.ranked(asker, board, page)).map(([id]) => id);
      expect(sorted(listed)).toEqual(sorted(expected.map(({ id }) => id)));
    }
  }
});
