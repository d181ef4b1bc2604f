import type { Statement } from "./database.ts";

/** No owner ever gets fence 0. */
const fenceIs = (value: string): string => `lock_fence = ${value} AND lock_fence > 0`;

/** An old version of Sallyport wrote rows without an owner. The next save adds the owner. */
const ownerIs = (name: string): string =>
  `${name}::text <> '' AND (lock_owner = ${name} OR lock_owner IS NULL)`;

/**
 * The number of a save is at least 1. Number 0 would be treated as an older save: answered, but not stored.
 */
const mayBeSaved = (of: { readonly [K in "world" | "fence" | "owner" | "number"]: string }): string =>
  `characters.world = ${of.world} AND ${fenceIs(of.fence)} AND ${ownerIs(of.owner)} AND ${of.number}::bigint > 0`;

/**
 * Stores the values if they are newer than the row. Postgres compares them with the locked row, even after
 * waiting for another change. A SELECT before the UPDATE could read an older row.
 */
const setIfNewer = (values: { readonly [column: string]: string; readonly save_number: string }): string =>
  Object.entries({ ...values, last_played_at: "now()" })
    .map(([column, value]) => {
      const isNewer = `characters.save_number < ${values.save_number}`;
      return `${column} = CASE WHEN ${isNewer} THEN ${value} ELSE characters.${column} END`;
    })
    .join(", ");

/**
 * Gives a character to its new owner. One lock covers all characters of an account in a world, so the earlier
 * owner must not save the other characters either. For the other characters, the second CASE keeps
 * `last_played_at`.
 */
const raisedFor = ({ charId, owner }: { readonly charId: string; readonly owner: string }): string =>
  `lock_fence = characters.lock_fence + 1, save_number = 0,
   lock_owner = CASE characters.id WHEN ${charId} THEN ${owner} ELSE '' END,
   last_played_at = CASE characters.id WHEN ${charId} THEN now() ELSE last_played_at END`;

/**
 * Takes a character from its earlier owner, because an operator changes it. A character that nobody ever owned
 * keeps fence 0, so that it still enters the world as a new one.
 */
const changedBy = (values: string): string =>
  `changed AS (
        UPDATE characters SET ${values},
          lock_fence = characters.lock_fence + least(characters.lock_fence, 1), lock_owner = '', save_number = 0
        FROM owner
        WHERE characters.id = $3 AND characters.world = $4 AND account_id = owner.id
          AND characters.lock_fence = $5
        RETURNING characters.id
      )`;

/**
 * Locks the account's row for a change under the account's fence. Without the lock, a statement could read
 * the fence, be delayed, and act after the account and the character went to another owner. The lock also
 * prevents deadlocks: the second statement about an account waits here, before it locks characters.
 */
const owner = `owner AS MATERIALIZED (
  SELECT id, sex, role, muted_until FROM accounts WHERE id = $1 AND ${fenceIs("$2")} FOR NO KEY UPDATE
)`;

/** Decides between the refusals `no-such-character` and `raised-meanwhile`. */
const isListed = `EXISTS (
  SELECT FROM characters WHERE id = $3 AND world = $4 AND account_id = owner.id
) AS is_listed`;

const changed = `SELECT changed.id, ${isListed} FROM owner LEFT JOIN changed ON true`;

const summaryColumns = "id, slot, name, map, x, y, hair_style, hair_colour, lock_fence, delete_after";

/** Adds what operators decided about the account. */
const withStanding = (accountId: string): string =>
  `JOIN LATERAL (SELECT role, muted_until FROM accounts WHERE accounts.id = ${accountId}) AS standing ON true`;

export const statements = {
  list: {
    name: "character-list",
    text: `SELECT nth::integer, ${summaryColumns}, role, muted_until
      FROM unnest($1::bigint[], $2::text[]) WITH ORDINALITY AS asked (of_account, of_world, nth)
      JOIN characters ON account_id = of_account AND world = of_world
      ${withStanding("of_account")}
      ORDER BY nth, slot`,
  },
  create: {
    name: "character-create",
    text: `WITH ${owner}, made AS (
        INSERT INTO characters (account_id, world, slot, name, map, x, y, hair_style, hair_colour)
        SELECT id, $3, $4, $5, $6, $7, $8, $9, $10 FROM owner RETURNING id
      ), named AS (
        INSERT INTO name_skeletons (world, skeleton, char_id)
        SELECT $3, skeleton, made.id FROM made, unnest($11::text[]) AS of_name (skeleton)
      ) SELECT made.id, role, muted_until FROM made, owner`,
  },
  delete: {
    name: "character-delete",
    text: `WITH ${owner}, gone AS (
        DELETE FROM characters USING owner
        WHERE characters.id = $3 AND characters.world = $4 AND account_id = owner.id
          AND characters.lock_fence = $5
        RETURNING characters.id
      ) SELECT gone.id, ${isListed} FROM owner LEFT JOIN gone ON true`,
  },
  reserveDeletion: {
    name: "character-reserve-deletion",
    text: `WITH ${owner}, marked AS (
        UPDATE characters SET delete_after = $5 FROM owner
        WHERE characters.id = $3 AND characters.world = $4 AND account_id = owner.id
        RETURNING characters.id
      ) SELECT marked.id FROM owner LEFT JOIN marked ON true`,
  },
  find: {
    name: "character-find",
    text: `SELECT account_id, ${summaryColumns}, role, muted_until FROM characters
      ${withStanding("account_id")}
      WHERE world = $1 AND lower(name COLLATE "C") = lower($2::text COLLATE "C")`,
  },
  nameOfAccount: { name: "character-name-of-account", text: "SELECT name FROM accounts WHERE id = $1" },
  // A skeleton that both names have keeps its row: the statement cannot delete and insert the same key.
  rename: {
    name: "character-rename",
    text: `WITH ${owner}, ${changedBy("name = $6")}, unnamed AS (
        DELETE FROM name_skeletons USING changed WHERE char_id = changed.id AND skeleton <> ALL ($7::text[])
      ), named AS (
        INSERT INTO name_skeletons (world, skeleton, char_id)
        SELECT $4, skeleton, changed.id FROM changed, unnest($7::text[]) AS of_name (skeleton)
        WHERE NOT EXISTS (
          SELECT FROM name_skeletons AS kept
          WHERE kept.world = $4 AND kept.skeleton = of_name.skeleton AND kept.char_id = changed.id
        )
      ) ${changed}`,
  },
  move: {
    name: "character-move",
    text: `WITH ${owner}, ${changedBy("map = $6, x = $7, y = $8")} ${changed}`,
  },
  // Takes a character only if no row of its account is locked, and every fence can be raised.
  take: {
    name: "character-take",
    text: `WITH owner AS MATERIALIZED (
        SELECT accounts.id, sex, role, muted_until, of_char, of_world, of_fence, of_owner, nth
        FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::bigint[], $6::text[])
          WITH ORDINALITY AS asked (of_account, account_fence, of_char, of_world, of_fence, of_owner, nth)
        JOIN accounts ON accounts.id = of_account AND ${fenceIs("account_fence")}
        ORDER BY accounts.id FOR NO KEY UPDATE OF accounts SKIP LOCKED
      ), locked AS MATERIALIZED (
        SELECT characters.id, lock_fence AS fence, nth
        FROM owner JOIN characters ON account_id = owner.id AND characters.world = of_world
        ORDER BY characters.id FOR NO KEY UPDATE OF characters SKIP LOCKED
      ), chosen AS MATERIALIZED (
        SELECT owner.* FROM owner JOIN locked USING (nth)
        WHERE locked.id = of_char AND locked.fence = of_fence AND NOT EXISTS (
          SELECT FROM characters LEFT JOIN locked AS theirs USING (id)
          WHERE account_id = owner.id AND characters.world = of_world
            AND (theirs.id IS NULL OR theirs.fence >= ${Number.MAX_SAFE_INTEGER})
        )
      ), taken AS (
        UPDATE characters SET ${raisedFor({ charId: "of_char", owner: "of_owner" })}
        FROM locked JOIN chosen USING (nth) WHERE characters.id = locked.id
        RETURNING nth, of_char, chosen.sex, role, muted_until, characters.${summaryColumns}, attributes
      ) SELECT nth::integer, sex, role, muted_until, ${summaryColumns}, attributes FROM taken WHERE id = of_char`,
  },
  takeAlone: {
    name: "character-take-alone",
    text: `WITH ${owner}, chosen AS MATERIALIZED (
        SELECT characters.id FROM characters, owner
        WHERE characters.id = $3 AND characters.world = $4 AND account_id = owner.id
          AND characters.lock_fence = $5
        FOR NO KEY UPDATE OF characters
      ), taken AS (
        UPDATE characters SET ${raisedFor({ charId: "$3", owner: "$6" })}
        FROM owner, chosen WHERE account_id = owner.id AND characters.world = $4
        RETURNING characters.${summaryColumns}, attributes
      ) SELECT owner.sex, owner.role, owner.muted_until, taken.*, ${isListed} FROM owner LEFT JOIN taken ON taken.id = $3`,
  },
  save: {
    name: "character-save",
    text: `UPDATE characters
      SET lock_owner = $8,
        ${setIfNewer({ map: "$3", x: "$4", y: "$5", attributes: "$6", save_number: "$7" })}
      WHERE id = $1 AND ${mayBeSaved({ fence: "$2", number: "$7", owner: "$8", world: "$9" })} RETURNING id`,
  },
  pass: {
    name: "character-pass",
    text: `UPDATE characters SET lock_fence = lock_fence + 1, lock_owner = $10, save_number = 0,
        map = $3, x = $4, y = $5, attributes = $6, last_played_at = now()
      WHERE id = $1 AND ${mayBeSaved({ fence: "$2", number: "$7", owner: "$8", world: "$9" })}
        AND save_number < $7
      RETURNING lock_fence`,
  },
  // `is_stored` is false if the save was refused. The result has no row for a row that is locked or missing.
  saveMany: {
    name: "character-save-many",
    text: `WITH save AS MATERIALIZED (
        SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::integer[], $5::integer[], $6::jsonb[],
          $7::bigint[], $8::text[], $9::text[])
          AS asked (id, fence, map, x, y, attributes, number, owner, world)
      ), locked AS MATERIALIZED (
        SELECT characters.id FROM save JOIN characters ON characters.id = save.id
        ORDER BY characters.id FOR NO KEY UPDATE OF characters SKIP LOCKED
      ), stored AS (
        UPDATE characters SET lock_owner = save.owner, ${setIfNewer({
          map: "save.map",
          x: "save.x",
          y: "save.y",
          attributes: "save.attributes",
          save_number: "save.number",
        })}
        FROM save JOIN locked USING (id) WHERE characters.id = locked.id
          AND ${mayBeSaved({ fence: "save.fence", number: "save.number", owner: "save.owner", world: "save.world" })}
        RETURNING characters.id
      ) SELECT locked.id, stored.id IS NOT NULL AS is_stored FROM locked LEFT JOIN stored USING (id)`,
  },
} satisfies Record<string, Statement>;
