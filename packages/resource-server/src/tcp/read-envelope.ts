import { isPlainObject } from "@sallyport/domain";
import type { RefusalCode } from "../refusals.ts";
import { type AnyRequest, usualRequestBytesMax } from "../requests/request.ts";
import { requestOfType } from "../requests/resource-requests.ts";
import type { Asked } from "../resource-service.ts";

export type Envelope =
  | { readonly type: "request"; readonly row: AnyRequest; readonly asked: Asked }
  | { readonly type: "refused"; readonly refusal: RefusalCode; readonly detail?: string };

/**
 * JSON of one long text is about as large in memory as on the wire, but JSON of millions of small lists is many
 * times larger. A long request has one long text.
 */
const longPartsMax = 1_000;
const [list, object, comma] = [0x5b, 0x7b, 0x2c];

function hasManyParts(bytes: Uint8Array): boolean {
  let parts = 0;
  // An iterator would take many times as long.
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === list || byte === object || byte === comma) parts += 1;
  }
  return parts > longPartsMax;
}

/** Reads a frame: a JSON object with the number of the request, the identity, the token, and the fields. */
export function readEnvelope(bytes: Uint8Array): Envelope {
  const isLong = bytes.length > usualRequestBytesMax;
  if (isLong && hasManyParts(bytes)) return { type: "refused", refusal: "too-long" };
  const given = objectIn(bytes);
  if (given === null) return { type: "refused", refusal: "malformed" };
  const { type, token, identity = null, ...fields } = given;
  if (typeof type !== "number") return unknown("type: missing, or not a whole number");
  const row = requestOfType(type);
  if (row === null) return unknown(`type: there is no request ${type}`);
  if (bytes.length > (row.bytesMax ?? usualRequestBytesMax)) return { type: "refused", refusal: "too-long" };
  return { type: "request", row, asked: { token, identity, fields } };
}

const unknown = (detail: string): Envelope => ({ type: "refused", refusal: "unknown-type", detail });

function objectIn(bytes: Uint8Array): { readonly [field: string]: unknown } | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return isPlainObject(value) ? value : null;
  } catch {
    return null;
  }
}
