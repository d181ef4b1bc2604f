import { isStorableJson, type Json } from "@sallyport/domain";
import { WireError } from "@sallyport/wire";
import { parseJsonText } from "./json-text.ts";

/** Parses the `value` of a world state in a message. Throws a `WireError` that shows nothing of the text. */
export function parseWorldValue(text: string): Json {
  const value = parseJsonText("value", text);
  if (!isStorableJson(value)) throw new WireError("value", "JSON that cannot be stored");
  return value;
}
