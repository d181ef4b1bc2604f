import {
  AccountId,
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
  type Standing,
} from "@sallyport/domain";
import { columnsOf, inBatches } from "./batches.ts";
import { encodeState, isStorablePosition } from "./character-state.ts";
import { statements } from "./character-statements.ts";
import type { Database, Statement } from "./database.ts";
import { fillSkeletons } from "./names/fill-skeletons.ts";
import { violatedUniqueness } from "./postgres-errors.ts";
import { type ScoreSubmission, submitScoreStatement, valuesOfSubmission } from "./score-outbox.ts";
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
  /** The save is refused unless the character was handed to the server with this name. */
  readonly owner: string;
}

/**
 * The list of an account contains this character. `fence` is the character's fence when the list was read.
 */
export interface ListedCharacter extends CharacterSummary {
  readonly fence: Fence;
  /** Of the account. */
  readonly standing: Standing;
}

export interface NamedCharacter extends ListedCharacter {
  readonly accountId: AccountId;
}

export type SaveRefusal = "lock-lost" | "state-invalid";

/**
 * Every method can throw `Unavailable`. Then the request may have been carried out, or not, or may still be
 * carried out later. Repeating a save is harmless. The refusal `lock-lost` for an account means that a newer
 * login raised the account's fence. `raised-meanwhile` means that the listed fence is old: the caller must
 * call `list` again.
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
  /** Ignores the case of ASCII letters. Null: the world has no character of this name. */
  find(of: { name: string; world: string }): Promise<NamedCharacter | null>;
  /** Returns the name of an account. Null: it has none, or there is no such account. */
  nameOfAccount(accountId: AccountId): Promise<string | null>;
  /** After this, a save of an earlier owner is refused. */
  rename(
    character: ListedReference & { readonly name: string; readonly skeletons?: readonly string[] },
  ): Promise<Outcome<Record<never, never>, ListedRefusal | "name-taken">>;
  /** After this, a save of an earlier owner is refused, so the character stays where it was moved. */
  move(
    character: ListedReference & { readonly position: Position },
  ): Promise<Outcome<Record<never, never>, ListedRefusal>>;
  /** Null cancels the deletion. A delayed request is harmless: only `delete` deletes. */
  reserveDeletion(
    character: OwnedReference & { readonly deleteAfterS: number | null },
  ): Promise<Outcome<Record<never, never>, "lock-lost" | "no-such-character">>;
  /**
   * Loads a character for the server named `owner`. After that, saves with an older fence or by another
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
  /** Stores the score for the resource-servers, in the statement that checks the fence. See `ScoreOutbox`. */
  submitScore(submission: ScoreSubmission): Promise<Outcome<Record<never, never>, "lock-lost">>;
}

interface OwnedReference {
  readonly charId: CharId;
  readonly accountId: AccountId;
  readonly accountFence: Fence;
  readonly world: string;
}

interface ListedReference extends OwnedReference {
  /** `list` returned this fence. If the fence has changed since then, the request is refused. */
  readonly charFence: Fence;
}

type ListedRefusal = "lock-lost" | "no-such-character" | "raised-meanwhile";

/** Large batches are cheap, but a batch without a limit would delay the statements behind it. */
const savesPerStatement = 500;

const standingReaders = { role: columns.role, muted_until: columns.mutedUntil };
const listedReaders = {
  ...standingReaders,
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
const foundReaders = { ...listedReaders, account_id: columns.id };
const passedReaders = { lock_fence: columns.fence };

interface Judged {
  readonly is_listed: boolean;
}
interface Changed extends Judged {
  readonly id: string | null;
}

type List = Parameters<CharacterStore["list"]>[0];
type ListAnswer = Awaited<ReturnType<CharacterStore["list"]>>;
type Take = Parameters<CharacterStore["take"]>[0];
type TakeAnswer = Awaited<ReturnType<CharacterStore["take"]>>;

export function createCharacterStore(database: Database): CharacterStore {
  const list = inBatches<List, ListAnswer>(database, {
    statement: statements.list,
    valuesOf: ({ accountId, world }) => [accountId, world],
    answerOf: (_, rows) => rows.map((row) => listedFrom(readRow("character", row, listedReaders))),
  });
  const take = inBatches<Take, TakeAnswer>(database, {
    statement: statements.take,
    keyOf: ({ accountId }) => accountId,
    valuesOf: valuesOfTake,
    answerOf: ({ accountId }, [row]) => row && accepted(ownedOf(row, accountId)),
    alone: async (taken) => {
      const [row] = await database.query<Row & Judged>(statements.takeAlone, valuesOfTake(taken));
      if (!row) return refused("lock-lost");
      return row["id"] === null ? notAsListed(row) : accepted(ownedOf(row, taken.accountId));
    },
  });
  const change = async (
    statement: Statement,
    { charId, accountId, accountFence, world, charFence }: ListedReference,
    values: readonly unknown[],
  ): Promise<Outcome<Record<never, never>, ListedRefusal>> => {
    const of = [accountId, accountFence, charId, world, charFence];
    const [row] = await database.query<Changed>(statement, [...of, ...values]);
    if (!row) return refused("lock-lost");
    return row.id === null ? notAsListed(row) : accepted({});
  };
  return {
    list,

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
        const [row] = await database.query<Row & { id: string }>(statements.create, values);
        if (!row) return refused("lock-lost");
        const standing = standingFrom(readRow("account", row, standingReaders, accountId));
        return accepted({ charId: charIdOf(row), slot, name, looks, position, fence: Fence(0), standing });
      } catch (error) {
        const constraint = violatedUniqueness(error);
        if (constraint !== undefined && namesUnique.has(constraint)) return refused("name-taken");
        if (constraint === "characters_slot_unique") return refused("slot-taken");
        throw error;
      }
    },

    fillSkeletons: (world) => fillSkeletons(database, world),

    delete: (character) => change(statements.delete, character, []),

    find: async ({ name, world }) => {
      // Postgres refuses a NUL as a mistake in the statement.
      if (name.includes("\0")) return null;
      const [found] = await database.query<Row>(statements.find, [world, name]);
      if (!found) return null;
      const row = readRow("character", found, foundReaders);
      return { ...listedFrom(row), accountId: AccountId(row.account_id) };
    },

    nameOfAccount: async (accountId) => {
      const [row] = await database.query<{ name: string | null }>(statements.nameOfAccount, [accountId]);
      return row?.name ?? null;
    },

    rename: async ({ name, skeletons = [], ...character }) => {
      try {
        return await change(statements.rename, character, [name, skeletons]);
      } catch (error) {
        if (namesUnique.has(violatedUniqueness(error) ?? "")) return refused("name-taken");
        throw error;
      }
    },

    move: ({ position, ...character }) => {
      if (!isStorablePosition(position)) throw new RangeError("a character needs a position on a map");
      return change(statements.move, character, [position.map, position.x, position.y]);
    },

    reserveDeletion: async ({ charId, accountId, accountFence, world, deleteAfterS }) => {
      const values = [accountId, accountFence, charId, world, deleteAfterS];
      const [row] = await database.query<{ id: string | null }>(statements.reserveDeletion, values);
      if (!row) return refused("lock-lost");
      return row.id === null ? refused("no-such-character") : accepted({});
    },

    take,

    save: async (save) => {
      const values = valuesOf(save);
      if (values === undefined) return refused("state-invalid");
      return (await isSaved(database, values)) ? accepted({}) : refused("lock-lost");
    },

    pass: async (save, to) => {
      const values = valuesOf(save);
      if (values === undefined) return refused("state-invalid");
      const [row] = await database.query<Row>(statements.pass, [...values, to]);
      if (!row) return refused("lock-lost");
      return accepted({ fence: Fence(readRow("character", row, passedReaders, save.charId).lock_fence) });
    },

    saveMany: (saves) => saveMany(database, saves),

    submitScore: async (submission) => {
      const [row] = await database.query(submitScoreStatement, valuesOfSubmission(submission));
      return row ? accepted({}) : refused("lock-lost");
    },
  };
}

const namesUnique: ReadonlySet<string> = new Set(["characters_name_unique", "name_skeletons_pkey"]);

const valuesOfTake = ({ charId, accountId, accountFence, world, charFence, owner }: Take) => [
  ...[accountId, accountFence, charId, world, charFence, owner],
];

/** Returns the values for statements that save, or undefined for a state that cannot be stored. */
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
  const judged = await Promise.all(
    batches.map((batch) => database.query<JudgedSave>(statements.saveMany, columnsOf(batch))),
  );
  for (const row of judged.flat()) {
    const charId = charIdOf(row);
    rows.delete(charId);
    if (!row.is_stored) refusals.set(charId, "lock-lost");
  }
  const alone = [...rows].map(async ([charId, values]) => {
    if (!(await isSaved(database, values))) refusals.set(charId, "lock-lost");
  });
  await Promise.all(alone);
  return refusals;
}

interface JudgedSave {
  readonly id: string;
  readonly is_stored: boolean;
}

const isSaved = async (database: Database, values: readonly unknown[]): Promise<boolean> =>
  (await database.query(statements.save, values)).length > 0;

/**
 * Keeps the newest save of each character. If one statement had several saves of a character, Postgres would
 * use any one of them.
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

const charIdOf = (row: { readonly id: string }): CharId => CharId(Number(row.id));

const notAsListed = ({ is_listed }: Judged) => refused(is_listed ? "raised-meanwhile" : "no-such-character");

function ownedOf(found: Row, accountId: AccountId): OwnedCharacter {
  const row = readRow("character", found, takenReaders);
  return { ...listedFrom(row), accountId, sex: row.sex, attributes: row.attributes };
}

const standingFrom = ({ role, muted_until }: ReadBy<typeof standingReaders>): Standing => ({
  role,
  mutedUntilMs: muted_until,
});

const listedFrom = (row: ReadBy<typeof listedReaders>): ListedCharacter => ({
  charId: CharId(row.id),
  slot: row.slot,
  name: row.name,
  looks: { hairStyle: row.hair_style, hairColour: row.hair_colour },
  position: { map: row.map, x: row.x, y: row.y },
  fence: Fence(row.lock_fence),
  standing: standingFrom(row),
  ...(row.delete_after !== null && { deleteAfterS: row.delete_after }),
});
