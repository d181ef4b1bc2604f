import type { JsonObject } from "@sallyport/domain";
import { WireError } from "@sallyport/wire";

/** Parses the `attributes` of a message. Throws a `WireError` that shows nothing of the text. */
export function parseAttributes(text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new WireError("attributes", "not JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new WireError("attributes", "not a JSON object");
  }
  return value as JsonObject;
}
