import { createPublicKey, verify } from "node:crypto";

/* Reads what login-servers sign, with Node's own cryptography: a JWS in compact form is three parts in base64url. */

export interface Signed {
  readonly header: { readonly [field: string]: unknown };
  readonly payload: { readonly [field: string]: unknown };
}

interface Jwk {
  readonly kid: string;
  readonly x: string;
}

/** Returns null if no key of the set signed it. */
export function openSigned(compact: string, { keys }: { readonly keys: readonly Jwk[] }): Signed | null {
  const [head = "", body = "", signature = ""] = compact.split(".");
  const partOf = (part: string): Signed["payload"] =>
    JSON.parse(Buffer.from(part, "base64url").toString("utf8")) as Signed["payload"];
  const header = partOf(head);
  const jwk = keys.find(({ kid }) => kid === header["kid"]);
  if (jwk === undefined) return null;
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: jwk.x }, format: "jwk" });
  const isRight = verify(null, Buffer.from(`${head}.${body}`), key, Buffer.from(signature, "base64url"));
  return isRight ? { header, payload: partOf(body) } : null;
}
