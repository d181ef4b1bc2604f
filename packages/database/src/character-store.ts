import {
  type AccountId,
  accepted,
  type CharacterState,
  type CharacterSummary,
  CharId,
  Fence,
  type Looks,
  type Outcome,
  type OwnedCharacter,
  type Position,
  plainLooks,
  refused,
} from "@sallyport/domain";
import { encodeState, isStorablePosition } from "./character-state.ts";
import type { Database, Statement } from "./database.ts";
import { fillSkeletons } from "./names/fill-skeletons.ts";
import { violatedUniqueness } from "./postgres-errors.ts";
import { columns, orNull, type ReadBy, type Row, readRow } from "./stored-values.ts";

export interface NumberedState {
  readonly charId: CharId;
  readonly fence: Fence;
  /** Counts the saves of one owner, from 1. */
  readonly saveNumber: number;
  readonly state: CharacterState;
}

export interface CharacterSave extends NumberedState {
  readonly world: string;
  /** The server that saves. The save is refused unless the character was handed to this server. */
  readonly owner: string;
}

/** A character in the list of its account. `fence` is the character's fence at that time. */
export interface ListedCharacter extends CharacterSummary {
  readonly fence: Fence;
}

export type SaveRefusal = "lock-lost" | "state-invalid";

/**
 * Every method may throw `Unavailable`: then the request may have been carried out, or not, or may still be
 * carried out later. Repeating a save is harmless.
 *
 * The refusal `lock-lost` for an account means that a newer login raised the account's fence.
 * `raised-meanwhile` means that the listed fence is old: the caller must call `list` again.
 */
export interface CharacterStore {
  list(of: { accountId: AccountId; world: string }): Promise<readonly ListedCharacter[]>;
  create(character: {
    accountId: AccountId;
    accountFence: Fence;
    world: string;
    slot: number;
    name: string;
    /** The name is taken if another character of the world has one of these skeletons. */
    skeletons?: readonly string[];
    looks?: Looks;
    position: Position;
  }): Promise<Outcome<ListedCharacter, "lock-lost" | "name-taken" | "slot-taken">>;
  /** Adds missing skeletons, so that no new name can look like an existing one. The call may be repeated. */
  fillSkeletons(world: string): Promise<void>;
  delete(character: ListedReference): Promise<Outcome<Record<never, never>, ListedRefusal>>;
  /** Null cancels the deletion. A delayed request is harmless: only `delete` deletes. */
  reserveDeletion(
    character: OwnedReference & { readonly deleteAfterS: number | null },
  ): Promise<Outcome<Record<never, never>, "lock-lost" | "no-such-character">>;
  /**
   * Loads a character for the server named `owner`. From then on, saves with an older fence or by another
   * server are refused. All saves of the account's other characters in this world are refused too.
   */
  take(
    character: ListedReference & { readonly owner: string },
  ): Promise<Outcome<OwnedCharacter, ListedRefusal>>;
  /** A save is accepted, but not stored, if it or a newer one of this owner is stored already. */
  save(save: CharacterSave): Promise<Outcome<Record<never, never>, SaveRefusal>>;
  /**
   * Stores the last save under this fence and, in the same statement, gives the character to the server named
   * `to` by raising the fence. Refuses with `lock-lost` if this save or a newer one is stored already.
   */
  pass(save: CharacterSave, to: string): Promise<Outcome<{ readonly fence: Fence }, SaveRefusal>>;
  /**
   * Returns the refused saves; all others are accepted. All saves together take about one round trip. If one
   * character has several saves, only the newest is tried: the save with the highest fence and, if fences are
   * equal, the highest number.
   */
  saveMany(saves: readonly CharacterSave[]): Promise<ReadonlyMap<CharId, SaveRefusal>>;
}

interface OwnedReference {
  readonly charId: CharId;
  readonly accountId: AccountId;
  readonly accountFence: Fence;
  readonly world: string;
}

interface ListedReference extends OwnedReference {
  /** The fence from `list`. If the fence has changed since then, the request is refused. */
  readonly charFence: Fence;
}

type ListedRefusal = "lock-lost" | "no-such-character" | "raised-meanwhile";

/** Large batches are cheap, but a batch without a limit would delay the statements behind it. */
const savesPerStatement = 500;

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
 * Locks the account's row for a change under the account's fence. Without the lock, a statement could read
 * the fence, be delayed, and act after the account and the character went to another owner. The lock also
 * prevents deadlocks: the second statement about an account waits here, before it locks characters.
 */
const owner = `owner AS MATERIALIZED (
  SELECT id, sex FROM accounts WHERE id = $1 AND ${fenceIs("$2")} FOR NO KEY UPDATE
)`;

/** Decides between the refusals `no-such-character` and `raised-meanwhile`. */
const isListed = `EXISTS (
  SELECT FROM characters WHERE id = $3 AND world = $4 AND account_id = owner.id
) AS is_listed`;

const summaryColumns = "id, slot, name, map, x, y, hair_style, hair_colour, lock_fence, delete_after";

const statements = {
  list: {
    name: "character-list",
    text: `SELECT ${summaryColumns} FROM characters WHERE account_id = $1 AND world = $2 ORDER BY slot`,
  },
  create: {
    name: "character-create",
    text: `WITH ${owner}, made AS (
        INSERT INTO characters (account_id, world, slot, name, map, x, y, hair_style, hair_colour)
        SELECT id, $3, $4, $5, $6, $7, $8, $9, $10 FROM owner RETURNING id
      ), named AS (
        INSERT INTO name_skeletons (world, skeleton, char_id)
        SELECT $3, skeleton, made.id FROM made, unnest($11::text[]) AS of_name (skeleton)
      ) SELECT id FROM made`,
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
  // One lock covers all characters of an account in a world, so the earlier owner may not save the other
  // characters either. For these, the second CASE keeps `last_played_at`.
  take: {
    name: "character-take",
    text: `WITH ${owner}, chosen AS MATERIALIZED (
        SELECT characters.id FROM characters, owner
        WHERE characters.id = $3 AND characters.world = $4 AND account_id = owner.id
          AND characters.lock_fence = $5
        FOR NO KEY UPDATE OF characters
      ), taken AS (
        UPDATE characters SET lock_fence = lock_fence + 1, save_number = 0,
          lock_owner = CASE characters.id WHEN $3 THEN $6 ELSE '' END,
          last_played_at = CASE characters.id WHEN $3 THEN now() ELSE last_played_at END
        FROM owner, chosen WHERE account_id = owner.id AND characters.world = $4
        RETURNING characters.${summaryColumns}, attributes
      ) SELECT owner.sex, taken.*, ${isListed} FROM owner LEFT JOIN taken ON taken.id = $3`,
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
  saveMany: {
    name: "character-save-many",
    text: `UPDATE characters SET lock_owner = save.owner, ${setIfNewer({
      map: "save.map",
      x: "save.x",
      y: "save.y",
      attributes: "save.attributes",
      save_number: "save.number",
    })}
      FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::integer[], $5::integer[], $6::jsonb[], $7::bigint[],
          $8::text[], $9::text[])
        AS save (id, fence, map, x, y, attributes, number, owner, world)
      WHERE characters.id = save.id
        AND ${mayBeSaved({ fence: "save.fence", number: "save.number", owner: "save.owner", world: "save.world" })}
      RETURNING characters.id`,
  },
} satisfies Record<string, Statement>;

const listedReaders = {
  id: columns.id,
  slot: columns.slot,
  name: columns.characterName,
  map: columns.mapName,
  x: columns.unsigned16,
  y: columns.unsigned16,
  hair_style: columns.unsigned16,
  hair_colour: columns.unsigned16,
  lock_fence: columns.fence,
  delete_after: orNull(columns.unixSeconds),
};
const takenReaders = { ...listedReaders, sex: columns.sex, attributes: columns.attributes };
const passedReaders = { lock_fence: columns.fence };

interface Judged {
  readonly is_listed: boolean;
}

export function createCharacterStore(database: Database): CharacterStore {
  return {
    list: async ({ accountId, world }) => {
      const rows = await database.query<Row>(statements.list, [accountId, world]);
      return rows.map((row) => listedFrom(readRow("character", row, listedReaders)));
    },

    create: async ({
      accountId,
      accountFence,
      world,
      slot,
      name,
      skeletons = [],
      looks = plainLooks,
      position,
    }) => {
      if (!isStorablePosition(position)) throw new RangeError("a new character needs a position on a map");
      const place = [position.map, position.x, position.y];
      const drawn = [looks.hairStyle, looks.hairColour];
      const values = [accountId, accountFence, world, slot, name, ...place, ...drawn, skeletons];
      try {
        const [row] = await database.query<{ id: string }>(statements.create, values);
        if (!row) return refused("lock-lost");
        return accepted({ charId: charIdOf(row), slot, name, looks, position, fence: Fence(0) });
      } catch (error) {
        const constraint = violatedUniqueness(error);
        if (constraint !== undefined && namesUnique.has(constraint)) return refused("name-taken");
        if (constraint === "characters_slot_unique") return refused("slot-taken");
        throw error;
      }
    },

    fillSkeletons: (world) => fillSkeletons(database, world),

    delete: async ({ charId, accountId, accountFence, world, charFence }) => {
      const values = [accountId, accountFence, charId, world, charFence];
      const [row] = await database.query<{ id: string | null } & Judged>(statements.delete, values);
      if (!row) return refused("lock-lost");
      return row.id === null ? notAsListed(row) : accepted({});
    },

    reserveDeletion: async ({ charId, accountId, accountFence, world, deleteAfterS }) => {
      const values = [accountId, accountFence, charId, world, deleteAfterS];
      const [row] = await database.query<{ id: string | null }>(statements.reserveDeletion, values);
      if (!row) return refused("lock-lost");
      return row.id === null ? refused("no-such-character") : accepted({});
    },

    take: async ({ charId, accountId, accountFence, world, charFence, owner }) => {
      const values = [accountId, accountFence, charId, world, charFence, owner];
      const [row] = await database.query<Row & Judged>(statements.take, values);
      if (!row) return refused("lock-lost");
      return row["id"] === null ? notAsListed(row) : accepted(ownedOf(row, accountId));
    },

    save: async (save) => {
      const values = valuesOf(save);
      if (values === undefined) return refused("state-invalid");
      const [row] = await database.query(statements.save, values);
      return row ? accepted({}) : refused("lock-lost");
    },

    pass: async (save, to) => {
      const values = valuesOf(save);
      if (values === undefined) return refused("state-invalid");
      const [row] = await database.query<Row>(statements.pass, [...values, to]);
      if (!row) return refused("lock-lost");
      return accepted({ fence: Fence(readRow("character", row, passedReaders, save.charId).lock_fence) });
    },

    saveMany: (saves) => saveMany(database, saves),
  };
}

const namesUnique: ReadonlySet<string> = new Set(["characters_name_unique", "name_skeletons_pkey"]);

/** The values for statements that save; undefined for a state that cannot be stored. */
function valuesOf(save: CharacterSave): readonly unknown[] | undefined {
  const { charId, fence, saveNumber, state, owner, world } = save;
  const encoded = encodeState(state);
  if (!encoded) return undefined;
  const { position, attributes } = encoded;
  return [charId, fence, position.map, position.x, position.y, attributes, saveNumber, owner, world];
}

async function saveMany(
  database: Database,
  saves: readonly CharacterSave[],
): Promise<ReadonlyMap<CharId, SaveRefusal>> {
  const refusals = new Map<CharId, SaveRefusal>();
  const rows = new Map<CharId, readonly unknown[]>();
  for (const save of newestOf(saves)) {
    const values = valuesOf(save);
    if (values === undefined) refusals.set(save.charId, "state-invalid");
    else rows.set(save.charId, values);
  }
  const batches = chunksOf([...rows.values()], savesPerStatement);
  const stored = await Promise.all(
    batches.map((batch) => database.query<{ id: string }>(statements.saveMany, columnsOf(batch))),
  );
  for (const row of stored.flat()) rows.delete(charIdOf(row));
  for (const charId of rows.keys()) refusals.set(charId, "lock-lost");
  return refusals;
}

/**
 * Keeps the newest save of each character. If one statement had several, Postgres would use any one of them.
 */
export function newestOf(saves: readonly CharacterSave[]): Iterable<CharacterSave> {
  const newest = new Map<CharId, CharacterSave>();
  for (const save of saves) {
    const other = newest.get(save.charId);
    if (other === undefined || isNewer(save, other)) newest.set(save.charId, save);
  }
  return newest.values();
}

const isNewer = (save: CharacterSave, than: CharacterSave): boolean =>
  save.fence === than.fence ? save.saveNumber > than.saveNumber : save.fence > than.fence;

function chunksOf<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
    all.slice(index * size, (index + 1) * size),
  );
}

const columnsOf = (rows: readonly (readonly unknown[])[]): unknown[][] =>
  Array.from({ length: 9 }, (_, column) => rows.map((row) => row[column]));

const charIdOf = (row: { readonly id: string }): CharId => CharId(Number(row.id));

const notAsListed = ({ is_listed }: Judged) => refused(is_listed ? "raised-meanwhile" : "no-such-character");

function ownedOf(found: Row, accountId: AccountId): OwnedCharacter {
  const row = readRow("character", found, takenReaders);
  return { ...listedFrom(row), accountId, sex: row.sex, attributes: row.attributes };
}

const listedFrom = (row: ReadBy<typeof listedReaders>): ListedCharacter => ({
  charId: CharId(row.id),
  slot: row.slot,
  name: row.name,
  looks: { hairStyle: row.hair_style, hairColour: row.hair_colour },
  position: { map: row.map, x: row.x, y: row.y },
  fence: Fence(row.lock_fence),
  ...(row.delete_after !== null && { deleteAfterS: row.delete_after }),
});
