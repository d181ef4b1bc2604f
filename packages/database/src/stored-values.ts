import { saltedPasswordBytes } from "@sallyport/authentication";
import {
  characterNameUnitsMax,
  deviceIdUnitsMax,
  emailUnitsMax,
  type JsonObject,
  kickText,
  type Role,
  roles,
  type Sex,
  sexes,
  UnreadableRow,
} from "@sallyport/domain";
import { encodeAttributes } from "./character-state.ts";

/*
 * These readers check the values of columns. Operators write to the tables too, and Postgres can hold values
 * that no server can use, or that no message between servers can carry.
 */

/** Converts a value from `pg`. Returns undefined if no server can use the value. */
export type Reader<T> = (value: unknown) => T | undefined;
export type Readers = { readonly [column: string]: Reader<unknown> };
export type ReadBy<R extends Readers> = { readonly [C in keyof R]: Exclude<ReturnType<R[C]>, undefined> };

export interface Row {
  readonly [column: string]: unknown;
}

/** `what` and `id` identify the row in the log. Throws `UnreadableRow`. */
export function readRow<R extends Readers>(
  what: "account" | "character" | "network ban",
  row: Row,
  readers: R,
  id: unknown = row["id"],
): ReadBy<R> {
  const read: Record<string, unknown> = {};
  for (const [column, reader] of Object.entries(readers)) {
    const value = reader(row[column]);
    if (value === undefined)
      throw new UnreadableRow(`${what} ${String(id)}: no server can use its ${column}${shown(row[column])}`);
    read[column] = value;
  }
  return read as ReadBy<R>;
}

export const isReadable = (row: Row, readers: Readers): boolean =>
  Object.entries(readers).every(([column, reader]) => reader(row[column]) !== undefined);

/** The log must not show bytes, because they are secrets, or objects, because they are long. */
function shown(value: unknown): string {
  if (value instanceof Date)
    return `, ${Number.isNaN(value.getTime()) ? "a date too far away" : value.toISOString()}`;
  return value === null || typeof value !== "object" ? `, ${String(value).slice(0, 60)}` : "";
}

const whole =
  (min: number, max: number): Reader<number> =>
  (value) => {
    // `pg` gives a bigint as text.
    const read = typeof value === "string" && /^-?\d+$/.test(value) ? Number(value) : value;
    return typeof read === "number" && Number.isInteger(read) && read >= min && read <= max
      ? read
      : undefined;
  };

const bytes =
  (min: number, max: number): Reader<Uint8Array> =>
  (value) =>
    value instanceof Uint8Array && value.length >= min && value.length <= max ? value : undefined;

const text =
  (charsMax: number): Reader<string> =>
  (value) =>
    typeof value === "string" && value !== "" && value.length <= charsMax ? value : undefined;

/** Returns milliseconds since 1970. Earlier times are not accepted. */
const moment: Reader<number> = (value) =>
  value instanceof Date && value.getTime() >= 0 ? value.getTime() : undefined;

/**
 * Returns milliseconds since 1970, possibly negative. Null: the account is not banned. Infinity: it is banned
 * forever. Postgres has times up to the year 294276, and `Date` up to 275760. All that are too late for `Date`
 * are taken as infinity; none is too early.
 */
const bannedUntil: Reader<number | null> = (value) => {
  if (value === null || value === Number.NEGATIVE_INFINITY) return null;
  if (value === Number.POSITIVE_INFINITY) return value;
  if (!(value instanceof Date)) return undefined;
  const atMs = value.getTime();
  return Number.isNaN(atMs) ? Number.POSITIVE_INFINITY : atMs;
};

/** The value itself does not matter. */
const isSet: Reader<boolean> = (value) => value !== null;

/** A time without end becomes the largest number that messages carry. */
const mutedUntil: Reader<number | null> = (value) => {
  const atMs = bannedUntil(value);
  return atMs == null ? atMs : Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, atMs));
};

/** What an operator wrote for a player, cut to what a client can be told. */
const note: Reader<string | null> = (value) => {
  if (value === null) return null;
  return typeof value === "string" ? kickText(value) : undefined;
};

const role: Reader<Role> = (value) => roles.find((each) => each === value);

const sex: Reader<Sex> = (value) => sexes.find((each) => each === value);

/** Accepts only attributes that a server can also store. */
const attributes: Reader<JsonObject> = (value) =>
  encodeAttributes(value) === undefined ? undefined : (value as JsonObject);

export const orNull =
  <T>(of: Reader<T>): Reader<T | null> =>
  (value) =>
    value === null ? null : of(value);

export const columns = {
  accountName: text(64),
  email: text(emailUnitsMax),
  characterName: text(characterNameUnitsMax),
  worldName: text(64),
  mapName: text(24),
  /** The longest network in CIDR notation has 49 characters. */
  networkText: text(49),
  deviceId: text(deviceIdUnitsMax),
  id: whole(1, 0xffff_ffff),
  fence: whole(0, Number.MAX_SAFE_INTEGER),
  worldVersion: whole(1, Number.MAX_SAFE_INTEGER),
  slot: whole(0, 0xff),
  unsigned16: whole(0, 0xffff),
  unixSeconds: whole(0, 0xffff_ffff),
  moment,
  bannedUntil,
  isSet,
  mutedUntil,
  note,
  role,
  sex,
  attributes,
  salt: bytes(8, 64),
  key: bytes(saltedPasswordBytes, saltedPasswordBytes),
} satisfies Readers;

/** Argon2id takes as much memory and time as these columns say. The bounds protect the server. */
export const hashColumns = {
  memory_kib: whole(8, 256 * 1024),
  iterations: whole(1, 16),
  parallelism: whole(1, 16),
} satisfies Readers;
