import type { RefusalCode } from "../refusals.ts";
import { jsonObjectIn } from "../requests/json-object.ts";
import { type AnyRequest, usualRequestBytesMax } from "../requests/request.ts";
import { requestOfType } from "../requests/resource-requests.ts";
import type { Asked } from "../resource-service.ts";

export type Envelope =
  | { readonly type: "request"; readonly row: AnyRequest; readonly asked: Asked }
  | { readonly type: "refused"; readonly refusal: RefusalCode; readonly detail?: string };

/** Reads a frame: a JSON object with the number of the request, the identity, the token, and the fields. */
export function readEnvelope(bytes: Uint8Array): Envelope {
  const given = jsonObjectIn(bytes);
  if (!given.ok) return { type: "refused", refusal: given.refusal };
  const { type, token, identity = null, ...fields } = given.value;
  if (typeof type !== "number") return unknown("type: missing, or not a whole number");
  const row = requestOfType(type);
  if (row === null) return unknown(`type: there is no request ${type}`);
  if (bytes.length > (row.bytesMax ?? usualRequestBytesMax)) return { type: "refused", refusal: "too-long" };
  return { type: "request", row, asked: { token, identity, fields } };
}

const unknown = (detail: string): Envelope => ({ type: "refused", refusal: "unknown-type", detail });
