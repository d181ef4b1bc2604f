import { accepted, type Outcome } from "@sallyport/domain";
import { jsonObjectIn } from "../requests/json-object.ts";
import type { AnyRequest } from "../requests/request.ts";

/* Where the fields of a request are over HTTP: in its path, in its query, or in its body. */

type FieldPlace = "path" | "query" | "body";

export function placeOf({ http }: AnyRequest, field: string): FieldPlace {
  if (http.path.includes(`{${field}}`)) return "path";
  return http.method === "GET" || http.method === "DELETE" ? "query" : "body";
}

interface Sent {
  readonly path: { readonly [field: string]: string };
  readonly query: { readonly [field: string]: string };
  readonly body: Uint8Array;
}

/** Every field in a path or a query is a whole number. Another text stays a text, which the field refuses. */
const valueOf = (text: string): unknown => (/^-?\d{1,15}$/.test(text) ? Number(text) : text);

/** Each field is taken from its own place only. The refusals are those of the body. */
export function fieldsIn(
  row: AnyRequest,
  { path, query, body }: Sent,
): Outcome<{ readonly [field: string]: unknown }, "too-long" | "malformed"> {
  const names = Object.keys(row.fields);
  const hasBody = names.some((name) => placeOf(row, name) === "body");
  const read = hasBody ? jsonObjectIn(body) : accepted({});
  if (!read.ok) return read;
  const sent: { readonly [field: string]: unknown } = read.value;
  const fields = names.flatMap((name) => {
    const place = placeOf(row, name);
    if (place === "body") return Object.hasOwn(sent, name) ? [[name, sent[name]]] : [];
    const from = place === "path" ? path : query;
    const text = Object.hasOwn(from, name) ? from[name] : undefined;
    return text === undefined ? [] : [[name, valueOf(text)]];
  });
  return accepted(Object.fromEntries(fields));
}
