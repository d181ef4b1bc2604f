import { accepted, isPlainObject, type Outcome, refused } from "@sallyport/domain";

/**
 * Bytes of JSON in one long text take about as much memory when they are parsed. Bytes of small lists and objects
 * take many times as much. No request needs more than a few fields, and the longest comment has 1,000 characters,
 * which may all be commas.
 */
const partsMax = 4_000;
const [list, object, comma] = [0x5b, 0x7b, 0x2c];

/** Counts commas and opening brackets, also those in texts: this costs far less than to parse them. */
function hasManyParts(bytes: Uint8Array): boolean {
  let parts = 0;
  // An iterator would take many times as long.
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === list || byte === object || byte === comma) parts += 1;
  }
  return parts > partsMax;
}

/** Parses a request in UTF-8, unless it would take much more memory than its bytes. */
export function jsonObjectIn(
  bytes: Uint8Array,
): Outcome<{ readonly [field: string]: unknown }, "too-long" | "malformed"> {
  if (hasManyParts(bytes)) return refused("too-long");
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return isPlainObject(value) ? accepted(value) : refused("malformed");
  } catch {
    return refused("malformed");
  }
}
