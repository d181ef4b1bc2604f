import type { JsonObject } from "@sallyport/domain";
import { WireError } from "@sallyport/wire";
import { parseJsonText } from "./json-text.ts";

/** Parses the `attributes` of a message. Throws a `WireError` that shows nothing of the text. */
export function parseAttributes(text: string): JsonObject {
  const value = parseJsonText("attributes", text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new WireError("attributes", "not a JSON object");
  }
  return value as JsonObject;
}
