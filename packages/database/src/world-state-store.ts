import {
  accepted,
  encodeWorldValue,
  type Json,
  type Outcome,
  refused,
  Unavailable,
  type WorldWriteId,
} from "@sallyport/domain";
import type { Database, Statement } from "./database.ts";
import { columns, type Row } from "./stored-values.ts";

export interface StoredWorldState {
  /** Each change raises the version. No version of a key occurs twice. */
  readonly version: number;
  /** Undefined: another program has stored a value that no server can use. */
  readonly value: Json | undefined;
}

export interface WorldStateChange {
  /** The version from which the change was computed. 0: there was no value. */
  readonly version: number;
  readonly value: Json;
  readonly writeId: WorldWriteId;
}

/** State of a whole world by key. Every method can throw `Unavailable`. */
export interface WorldStateStore {
  /** Keys that have no value are left out. */
  read(world: string, keys: readonly string[]): Promise<ReadonlyMap<string, StoredWorldState>>;
  /**
   * Stores the value, if the key still has the given version. Returns the new version. The same write can be
   * repeated after an unknown outcome: it is carried out at most once. `isNew` is false if an earlier request
   * has carried it out. The store remembers the last write of each of the 64 processes that wrote the key
   * last.
   */
  change(
    world: string,
    key: string,
    change: WorldStateChange,
  ): Promise<Outcome<{ readonly version: number; readonly isNew: boolean }, "conflict">>;
}

type ChangeAnswer = Awaited<ReturnType<WorldStateStore["change"]>>;

const writersKept = 64;

const statements = {
  read: {
    name: "world-state-read",
    text: "SELECT key, version, value FROM world_states WHERE world = $1 AND key = ANY($2::text[])",
  },
  // The new version is drawn after the caller has read version $3, so it is higher.
  change: {
    name: "world-state-change",
    text: `WITH found AS MATERIALIZED (
        SELECT version, write_ids FROM world_states WHERE world = $1 AND key = $2 FOR NO KEY UPDATE
      ), drawn AS MATERIALIZED (
        SELECT nextval('world_state_versions') AS version
      ), updated AS (
        UPDATE world_states SET version = drawn.version, value = $4::jsonb, changed_at = now(),
          write_ids = jsonb_build_object($5::text, jsonb_build_array($6::bigint, drawn.version)) || (
            SELECT coalesce(jsonb_object_agg(writer, write), '{}') FROM (
              SELECT writer, write FROM jsonb_each(found.write_ids) AS kept (writer, write)
              WHERE writer <> $5 ORDER BY (write ->> 1)::bigint DESC LIMIT ${writersKept - 1}
            ) AS newest
          )
        FROM found, drawn WHERE world_states.world = $1 AND key = $2 AND found.version = $3::bigint
        RETURNING world_states.version
      ), inserted AS (
        INSERT INTO world_states (world, key, version, value, write_ids)
        SELECT $1, $2, version, $4::jsonb,
          jsonb_build_object($5::text, jsonb_build_array($6::bigint, version))
        FROM drawn WHERE $3::bigint = 0 AND NOT EXISTS (SELECT FROM found)
        ON CONFLICT (world, key) DO NOTHING RETURNING version
      ), made AS (
        SELECT version FROM updated UNION ALL SELECT version FROM inserted
      )
      SELECT (SELECT version FROM made) AS made, found.version AS found, write_ids -> $5::text AS last_write
      FROM (SELECT) AS one LEFT JOIN found ON true`,
  },
} satisfies Record<string, Statement>;

interface ChangedRow extends Row {
  readonly made: string | null;
  readonly found: string | null;
  readonly last_write: readonly [number: number, version: number] | null;
}

export function createWorldStateStore(database: Database): WorldStateStore {
  return {
    read: async (world, keys) => {
      const rows = await database.query<Row>(statements.read, [world, keys]);
      return new Map(rows.map((row) => [String(row["key"]), storedOf(row)]));
    },

    change: async (world, key, { version, value, writeId: { writer, number } }) => {
      const values = [world, key, version, encoded(value), writer, number];
      for (let tries = 1; tries <= 3; tries += 1) {
        const [row] = await database.query<ChangedRow>(statements.change, values);
        const answer = row && answerOf(row, { version, number });
        if (answer !== undefined) return answer;
      }
      throw new Unavailable(`the world state ${key} is deleted again and again`, { store: "Postgres" });
    },
  };
}

/**
 * Returns undefined if another request inserted the row after the statement began. The statement did not see
 * that row, so it does not know whether the other request had the same write id.
 */
function answerOf(
  { made, found, last_write: last }: ChangedRow,
  { version, number }: { readonly version: number; readonly number: number },
): ChangeAnswer | undefined {
  if (made !== null) return accepted({ version: Number(made), isNew: true });
  if (last !== null && last[0] === number) return accepted({ version: last[1], isNew: false });
  return found === null && version === 0 ? undefined : refused("conflict");
}

/** If another program stored something that no server can use, the version may be useless too. */
function storedOf(row: Row): StoredWorldState {
  const version = columns.worldVersion(row["version"]) ?? 0;
  const value = row["value"] as Json;
  return { version, value: version > 0 && encodeWorldValue(value) !== undefined ? value : undefined };
}

function encoded(value: Json): string {
  const text = encodeWorldValue(value);
  if (text === undefined) throw new RangeError("a world state must be JSON that can be stored");
  return text;
}

interface WorldStateRecord {
  readonly version: number;
  /** JSON text, so that no caller can change a stored value. */
  readonly text: string;
  /** The writer that wrote last comes last. */
  readonly writes: ReadonlyMap<string, { readonly number: number; readonly version: number }>;
}

export function createMemoryWorldStateStore(): WorldStateStore {
  const records = new Map<string, WorldStateRecord>();
  const nameOf = (world: string, key: string): string => JSON.stringify([world, key]);
  let versions = 0;
  return {
    read: async (world, keys) =>
      new Map(
        keys.flatMap((key) => {
          const record = records.get(nameOf(world, key));
          return record === undefined
            ? []
            : [[key, { version: record.version, value: JSON.parse(record.text) as Json }]];
        }),
      ),

    change: async (world, key, { version: expected, value, writeId: { writer, number } }) => {
      const text = encoded(value);
      const record = records.get(nameOf(world, key));
      const last = record?.writes.get(writer);
      if (last?.number === number) return accepted({ version: last.version, isNew: false });
      if ((record?.version ?? 0) !== expected) return refused("conflict");
      versions += 1;
      const others = [...(record?.writes ?? [])].filter(([other]) => other !== writer);
      const writes = new Map([
        ...others.slice(-(writersKept - 1)),
        [writer, { number, version: versions }] as const,
      ]);
      records.set(nameOf(world, key), { version: versions, text, writes });
      return accepted({ version: versions, isNew: true });
    },
  };
}
