import type { Json, JsonObject } from "@sallyport/domain";
import { quote, wrong } from "../map-file-error.ts";
import type { Fields } from "./fields.ts";

/** Reads custom properties, which are a list of names and values since Tiled 1.2. Throws `MapFileError`. */
export function propertiesOf(owner: Fields): JsonObject {
  const properties = new Map<string, Json>();
  for (const { name, value } of owner.objects("properties")) {
    if (typeof name !== "string" || value === undefined) {
      throw wrong(owner.where, "a property has no name or no value");
    }
    if (properties.has(name)) throw wrong(owner.where, `the property ${quote(name)} is given twice`);
    properties.set(name, value);
  }
  // Unlike an assignment, this also makes a property of the name "__proto__".
  return Object.fromEntries(properties);
}
