import { audienceUnitsMax, emailUnitsMax } from "@sallyport/domain";

export interface TokenRequest {
  readonly name: string;
  readonly password: string;
  readonly audience: string | null;
}

export type ReadRequest =
  | { readonly ok: true; readonly request: TokenRequest }
  | { readonly ok: false; readonly reason: "malformed" | "password-missing" };

const passwordUnitsMax = 256;

/** JSON can hold half of a surrogate pair. UTF-8 cannot, so different passwords would become the same. */
const isText = (value: unknown, unitsMax: number): value is string =>
  typeof value === "string" && value.length <= unitsMax && !/\p{Surrogate}/u.test(value);

/**
 * Reads `{"type": "token", "identity", "password", "audience"}`. The audience may be absent or null. Other
 * fields are ignored. The clients of the seed send no password.
 */
export function readRequest(body: Uint8Array): ReadRequest {
  const value = jsonOf(body);
  if (typeof value !== "object" || value === null) return { ok: false, reason: "malformed" };
  const { type, identity, password, audience } = value as { readonly [field: string]: unknown };
  const isAudience = audience == null || isText(audience, audienceUnitsMax);
  if (type !== "token" || !isText(identity, emailUnitsMax) || !isAudience)
    return { ok: false, reason: "malformed" };
  if (password == null || password === "") return { ok: false, reason: "password-missing" };
  if (!isText(password, passwordUnitsMax)) return { ok: false, reason: "malformed" };
  return { ok: true, request: { name: identity, password, audience: audience ?? null } };
}

/** Returns undefined for bytes that are no JSON in UTF-8. */
function jsonOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body));
  } catch {
    return undefined;
  }
}
