import { WireError } from "@sallyport/wire";

/** Parses the JSON of a field. Throws a `WireError` that names the field and shows nothing of the text. */
export function parseJsonText(field: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new WireError(field, "not JSON");
  }
}
