import { hostAndPort } from "@sallyport/link/addresses";
import { z } from "zod";
import { wrongUsage } from "./failure.ts";

/*
 * What the client keeps: the authentication server, the resource-servers, and the tokens of each identity. It is
 * a value; every change returns another one. It never has a password.
 */

/** What tokens for a resource-server are for, where the operator says nothing else. */
export const usualAudience = "resource";

const serverNameUnitsMax = 20;
const listMax = 100;

const address = {
  name: z.string().min(1).max(serverNameUnitsMax),
  host: z.string().min(1).max(255),
  port: z.int().min(1).max(65_535),
  /** True: TLS. */
  isSecure: z.boolean(),
};
const server = z.object(address);
const resourceServer = z.object({ ...address, audience: z.string().min(1).max(64) });
const keptToken = z.object({
  audience: z.string().min(1).max(64),
  token: z.string().min(1).max(4_096),
  /** Seconds since 1970. */
  expires: z.number(),
});
const identity = z.object({ name: z.string().min(1).max(254), tokens: z.array(keptToken).max(listMax) });

export const clientData = z.object({
  version: z.literal(1),
  authenticationServer: server.nullable(),
  resourceServers: z.array(resourceServer).max(listMax),
  /** The one that was used last comes first. */
  identities: z.array(identity).max(listMax),
});

export type Server = Readonly<z.infer<typeof server>>;
export type ResourceServer = Readonly<z.infer<typeof resourceServer>>;
export type KeptToken = Readonly<z.infer<typeof keptToken>>;
export type ClientData = Readonly<z.infer<typeof clientData>>;

export const emptyData: ClientData = {
  version: 1,
  authenticationServer: null,
  resourceServers: [],
  identities: [],
};

/** A token that ends within this time is not used any more. */
const remainingSeconds = 30;

/** A server at another address has given none of the kept tokens, so they are dropped. */
export const withAuthenticationServer = (data: ClientData, authenticationServer: Server): ClientData => {
  const { host, port } = data.authenticationServer ?? {};
  const isSame = host === authenticationServer.host && port === authenticationServer.port;
  return { ...(isSame ? data : withoutTokens(data)), authenticationServer };
};

/** Puts the server in the place of `replaced`, or adds it. */
export function withResourceServer(
  data: ClientData,
  added: ResourceServer,
  replaced: string | null = null,
): ClientData {
  const { resourceServers } = data;
  const isTaken = resourceServers.some(({ name }) => name === added.name && name !== replaced);
  if (isTaken) throw wrongUsage(`there is a server ${added.name} already`);
  if (replaced === null && resourceServers.length >= listMax)
    throw wrongUsage(`there are ${listMax} servers already`);
  const changed = resourceServers.map((each) => (each.name === replaced ? added : each));
  return { ...data, resourceServers: replaced === null ? [...resourceServers, added] : changed };
}

export const withoutResourceServer = (data: ClientData, name: string): ClientData => ({
  ...data,
  resourceServers: data.resourceServers.filter((each) => each.name !== name),
});

/** Null: the client has no token that is still valid. */
export function tokenFor(
  { identities }: ClientData,
  of: { readonly identity: string; readonly audience: string; readonly nowMs: number },
): string | null {
  const tokens = identities.find(({ name }) => name === of.identity)?.tokens ?? [];
  const kept = tokens.find(({ audience }) => audience === of.audience);
  return kept !== undefined && kept.expires - of.nowMs / 1_000 > remainingSeconds ? kept.token : null;
}

export function withToken(data: ClientData, identity: string, token: KeptToken): ClientData {
  const before = data.identities.find(({ name }) => name === identity)?.tokens ?? [];
  const tokens = [token, ...before.filter(({ audience }) => audience !== token.audience)];
  const others = data.identities.filter(({ name }) => name !== identity);
  return {
    ...data,
    identities: [{ name: identity, tokens: tokens.slice(0, listMax) }, ...others].slice(0, listMax),
  };
}

/** Without an identity, of all of them. The identities stay. */
export const withoutTokens = (data: ClientData, identity: string | null = null): ClientData => ({
  ...data,
  identities: data.identities.map((each) =>
    identity === null || each.name === identity ? { ...each, tokens: [] } : each,
  ),
});

/** Reads `HOST:PORT` or `tls://HOST:PORT`. IPv6 addresses are in brackets. */
export function readAddress(text: string): Pick<Server, "host" | "port" | "isSecure"> {
  const [, scheme = "tcp", bracketed, plain, digits = ""] =
    /^(?:(tcp|tls):\/\/)?(?:\[([\da-f:.]+)\]|([^\s:/[\]]+)):(\d{1,5})$/i.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host === undefined || port < 1 || port > 65_535)
    throw wrongUsage(`${text}: expected an address like 127.0.0.1:8086 or tls://boards.example.org:8086`);
  return { host, port, isSecure: scheme.toLowerCase() === "tls" };
}

export const addressText = ({ isSecure, ...address }: Omit<Server, "name">): string =>
  `${isSecure ? "tls://" : ""}${hostAndPort(address)}`;

export function checkServerName(name: string): string {
  if (name.length < 1 || name.length > serverNameUnitsMax || /[\p{C}\p{Zl}\p{Zp}]/u.test(name))
    throw wrongUsage(`the name of a server is 1 to ${serverNameUnitsMax} visible characters`);
  return name;
}
