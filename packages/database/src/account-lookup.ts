import { readEmail } from "@sallyport/authentication";
import type { Json, Role } from "@sallyport/domain";
import type { Database, Statement } from "./database.ts";
import { skeletonsOf } from "./names/skeleton.ts";
import { columns, isReadable, orNull, type Row, readRow } from "./stored-values.ts";

/**
 * An operator can see these data of an account, but never a salt or a key. Times are milliseconds since 1970.
 */
export interface FoundAccount {
  readonly accountId: number;
  /** Null: the account has only an e-mail address. */
  readonly name: string | null;
  readonly email: string | null;
  readonly isEmailConfirmed: boolean;
  readonly role: Role;
  /** Null: the account is not banned. Infinity: it is banned forever. */
  readonly bannedUntilMs: number | null;
  readonly banReason: string | null;
  readonly bannedBy: string | null;
  /** Null: the account is not muted. `Number.MAX_SAFE_INTEGER`: it is muted for ever. */
  readonly mutedUntilMs: number | null;
  readonly createdMs: number;
  readonly lastLoginMs: number | null;
  readonly characters: readonly FoundCharacter[];
}

export interface BannedAccount {
  readonly accountId: number;
  readonly name: string | null;
  readonly email: string | null;
  readonly untilMs: number;
  readonly reason: string | null;
  readonly by: string | null;
}

export interface FoundCharacter {
  readonly charId: number;
  readonly name: string;
  readonly world: string;
  /** The character was last saved on this map. */
  readonly map: string;
  readonly lastPlayedMs: number | null;
}

/** A lookup never writes. Its methods may throw `Unavailable`. */
export interface AccountLookup {
  /**
   * Finds accounts by their own name, their e-mail address, or the name of one of their characters in any
   * world. `#17` finds the account or character with id 17. In worlds that allow names in any alphabet, `find` also finds names that
   * look like the given name, because an operator cannot see the difference.
   */
  find(name: string): Promise<readonly FoundAccount[]>;
  /** Returns the accounts that are banned now, the newest account first. It reads the whole table. */
  banned(countMax: number): Promise<readonly BannedAccount[]>;
  /** Returns the attributes of these characters, as the game saved them last. */
  attributes(charIds: readonly number[]): Promise<ReadonlyMap<number, Json>>;
  /** Returns the worlds that have characters, or ever had locks in Redis. */
  worlds(): Promise<readonly string[]>;
}

/** At most this many accounts are returned. A name can belong to one character in each world. */
const accountsMax = 20;

// Finds the worlds by one index access for each world, instead of reading all characters.
const worldsOfCharacters = `WITH RECURSIVE of_characters AS (
    SELECT min(world) AS world FROM characters
    UNION ALL
    SELECT (SELECT min(world) FROM characters WHERE world > of_characters.world)
    FROM of_characters WHERE of_characters.world IS NOT NULL
  )`;

const statements = {
  find: {
    name: "account-lookup-find",
    text: `${worldsOfCharacters}, named AS (
        SELECT id FROM accounts WHERE lower(name COLLATE "C") = lower($1::text COLLATE "C") OR id = $2::bigint
          OR email_key = $4::text
        UNION
        SELECT characters.account_id FROM of_characters JOIN characters USING (world)
          WHERE lower(characters.name COLLATE "C") = lower($1::text COLLATE "C")
        UNION
        SELECT characters.account_id FROM of_characters JOIN name_skeletons USING (world)
          JOIN characters ON characters.id = char_id WHERE skeleton = ANY($3::text[])
        UNION
        SELECT account_id FROM characters WHERE id = $2::bigint
      )
      SELECT id, name, email, email_confirmed_at, role, banned_until, ban_reason, banned_by, muted_until,
        created_at, last_login_at FROM accounts
      WHERE id IN (SELECT id FROM named) ORDER BY id LIMIT ${accountsMax}`,
  },
  banned: {
    name: "account-lookup-banned",
    text: `SELECT id, name, email, banned_until, ban_reason, banned_by FROM accounts
      WHERE banned_until > now() ORDER BY id DESC LIMIT $1`,
  },
  characters: {
    name: "account-lookup-characters",
    text: `SELECT id, account_id, name, world, map, last_played_at FROM characters
      WHERE account_id = ANY($1::bigint[]) ORDER BY account_id, world, slot`,
  },
  attributes: {
    name: "account-lookup-attributes",
    text: "SELECT id::float8, attributes FROM characters WHERE id = ANY($1::bigint[])",
  },
  worlds: {
    name: "account-lookup-worlds",
    text: `${worldsOfCharacters} SELECT world FROM of_characters WHERE world IS NOT NULL
      UNION SELECT substr(name, 7) FROM lock_spaces WHERE name LIKE 'world:%' ORDER BY 1`,
  },
} satisfies Record<string, Statement>;

const accountReaders = {
  id: columns.id,
  name: orNull(columns.accountName),
  email: orNull(columns.email),
  email_confirmed_at: orNull(columns.moment),
  role: columns.role,
  banned_until: columns.bannedUntil,
  ban_reason: columns.note,
  banned_by: columns.note,
  muted_until: columns.mutedUntil,
  created_at: columns.moment,
  last_login_at: orNull(columns.moment),
};

const bannedReaders = {
  id: columns.id,
  name: orNull(columns.accountName),
  email: orNull(columns.email),
  banned_until: columns.bannedUntil,
  ban_reason: columns.note,
  banned_by: columns.note,
};

const characterReaders = {
  id: columns.id,
  name: columns.characterName,
  world: columns.worldName,
  map: columns.mapName,
  last_played_at: orNull(columns.moment),
};

export function createAccountLookup(database: Database): AccountLookup {
  return {
    find: async (name) => {
      const id = /^#(\d{1,10})$/.exec(name)?.[1] ?? null;
      const read = name.normalize("NFKC");
      const found = await database.query<Row>(statements.find, [
        read,
        id,
        skeletonsOf(read),
        readEmail(name)?.key ?? null,
      ]);
      if (found.length === 0) return [];
      const rows = found.map((row) => readRow("account", row, accountReaders));
      const ids = rows.map((row) => row.id);
      const characters = await database.query<Row>(statements.characters, [ids]);
      return rows.map((row) => ({
        accountId: row.id,
        name: row.name,
        email: row.email,
        isEmailConfirmed: row.email_confirmed_at !== null,
        role: row.role,
        bannedUntilMs: row.banned_until,
        banReason: row.ban_reason,
        bannedBy: row.banned_by,
        mutedUntilMs: row.muted_until,
        createdMs: row.created_at,
        lastLoginMs: row.last_login_at,
        characters: characters
          .filter((each) => Number(each["account_id"]) === row.id)
          .map((each) => characterOf(each)),
      }));
    },

    banned: async (countMax) => {
      const rows = await database.query<Row>(statements.banned, [countMax]);
      return rows
        .filter((row) => isReadable(row, bannedReaders))
        .map((found) => {
          const { id: accountId, name, email, ...row } = readRow("account", found, bannedReaders);
          const { banned_until: untilMs, ban_reason: reason, banned_by: by } = row;
          return { accountId, name, email, untilMs: untilMs ?? 0, reason, by };
        });
    },

    attributes: async (charIds) => {
      const rows = await database.query<{ id: number; attributes: Json }>(statements.attributes, [charIds]);
      return new Map(rows.map(({ id, attributes }) => [id, attributes]));
    },

    worlds: async () => {
      const rows = await database.query<{ world: string }>(statements.worlds, []);
      return rows.map(({ world }) => world);
    },
  };
}

function characterOf(found: Row): FoundCharacter {
  const row = readRow("character", found, characterReaders);
  const { id: charId, name, world, map, last_played_at: lastPlayedMs } = row;
  return { charId, name, world, map, lastPlayedMs };
}
