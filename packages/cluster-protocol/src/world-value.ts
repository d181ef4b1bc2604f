import { isStorableJson, type Json } from "@sallyport/domain";
import { WireError } from "@sallyport/wire";

/** Parses the `value` of a world state in a message. Throws a `WireError` that shows nothing of the text. */
export function parseWorldValue(text: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new WireError("value", "not JSON");
  }
  if (!isStorableJson(value)) throw new WireError("value", "JSON that cannot be stored");
  return value;
}
