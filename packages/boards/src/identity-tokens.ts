import { printable } from "@sallyport/command-line";
import { z } from "zod";
import type { KeptToken, Server } from "./client-data.ts";
import { refusedFor, unreachable } from "./failure.ts";
import { openConnection } from "./json-connection.ts";

export interface TokenAsked {
  readonly identity: string;
  readonly password: string;
  readonly audience: string;
}

const answer = z.discriminatedUnion("type", [
  z.object({ type: z.literal("token"), token: z.string().min(1).max(4_096), expires: z.number() }),
  z.object({ type: z.literal("refused"), reason: z.string() }),
]);

const words: { readonly [reason: string]: string } = {
  "wrong-name-or-password": "wrong name or password",
  "too-many-attempts": "too many attempts; wait a moment",
  "audience-unknown": "it gives no tokens for this kind of server",
  "no-tokens": "it gives no tokens",
  "email-unconfirmed": "the e-mail address of the account is not confirmed yet",
  banned: "the account is banned",
};

/** Asks the authentication server for a token. Throws `BoardsFailure`. */
export async function askToken(at: Server, { identity, password, audience }: TokenAsked): Promise<KeptToken> {
  const connection = await openConnection(at);
  try {
    const told = answer.safeParse(await connection.ask({ type: "token", identity, password, audience }));
    if (!told.success) throw unreachable(`${at.name} is no authentication server: it gave another answer`);
    if (told.data.type === "token") {
      const { token, expires } = told.data;
      return { audience, token, expires };
    }
    const { reason } = told.data;
    throw refusedFor(`${at.name} gave no token for ${identity}: ${words[reason] ?? printable(reason)}`);
  } finally {
    connection.close();
  }
}

const claims = z.object({ sub: z.string(), name: z.string().nullable() });

/**
 * The identity that a token has: the name of the account, or `#` and its id. A person may have typed an e-mail
 * address. The token is not verified: that is the part of the resource-server.
 */
export function identityIn(token: string, typed: string): string {
  const [, payload = ""] = token.split(".");
  try {
    const { sub, name } = claims.parse(JSON.parse(Buffer.from(payload, "base64url").toString()));
    return name ?? `#${sub}`;
  } catch {
    return typed;
  }
}
