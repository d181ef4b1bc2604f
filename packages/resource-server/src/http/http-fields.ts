import { isPlainObject } from "@sallyport/domain";
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

/** Each field is taken from its own place only. Null: the body is no JSON object. */
export function fieldsIn(
  row: AnyRequest,
  { path, query, body }: Sent,
): { readonly [field: string]: unknown } | null {
  const names = Object.keys(row.fields);
  const hasBody = names.some((name) => placeOf(row, name) === "body");
  const sent = hasBody ? objectIn(body) : {};
  if (sent === null) return null;
  return Object.fromEntries(
    names.flatMap((name) => {
      const place = placeOf(row, name);
      if (place === "body") return Object.hasOwn(sent, name) ? [[name, sent[name]]] : [];
      const from = place === "path" ? path : query;
      const text = Object.hasOwn(from, name) ? from[name] : undefined;
      return text === undefined ? [] : [[name, valueOf(text)]];
    }),
  );
}

function objectIn(bytes: Uint8Array): { readonly [field: string]: unknown } | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return isPlainObject(value) ? value : null;
  } catch {
    return null;
  }
}
