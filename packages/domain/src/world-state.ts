import { isStorableJson } from "./storable-json.ts";

/** The maximum length of the key of a world state, in UTF-16 units. */
export const worldKeyUnitsMax = 64;
/** The maximum length of the value of a world state as JSON text, in UTF-16 units. */
export const worldValueUnitsMax = 64 * 1024;

/**
 * Names one write of a world state. A write whose outcome is unknown is repeated under the same id.
 */
export interface WorldWriteId {
  /** A process draws this text when it starts, and no other process draws the same. At most 32 units. */
  readonly writer: string;
  /** Counts the writes of this process, from 1. */
  readonly number: number;
}

/** Returns JSON text that Postgres is certain to accept, or undefined if the value cannot be stored. */
export function encodeWorldValue(value: unknown): string | undefined {
  if (!isStorableJson(value)) return undefined;
  const text = JSON.stringify(value);
  return text.length <= worldValueUnitsMax ? text : undefined;
}
