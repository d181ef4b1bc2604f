import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { ByteChannel } from "@sallyport/link";
import {
  type Address,
  ConnectFailed,
  connectTcp,
  connectTls,
  listenTcp,
  type TcpListener,
} from "@sallyport/link/tcp";
import type { LinkTls } from "../settings/tls-settings.ts";
import type { Log } from "../telemetry/log.ts";
import { defaultLinkBounds, type LinkBounds } from "./link-bounds.ts";

const connectMs = 5_000;
/**
 * Maximum time for one attempt to connect, if there are other servers to try. If one machine does not answer,
 * this server must have enough time left to come back through another machine.
 */
const connectOneOfManyMs = 2_000;

/**
 * Connects to a server that accepts links. With TLS, each of the two servers shows a certificate of the same
 * authority.
 */
export async function connectLink(
  address: Address,
  tls: LinkTls | null,
  withinMs = connectMs,
): Promise<ByteChannel> {
  if (tls === null) return connectTcp(address, withinMs);
  const { ca, ...identity } = tls.files.current;
  return connectTls(address, withinMs, { identity, ca, ...(tls.name === null ? {} : { name: tls.name }) });
}

export type Resolve = (host: string) => Promise<readonly string[]>;

const resolveBySystem: Resolve = async (host) =>
  (await lookup(host, { all: true })).map(({ address }) => address);

/**
 * Returns a function that connects to one of several equal servers. Each call resolves every listed host
 * name, because one name can stand for several servers. It tries each server at most once. The server that
 * the previous call tried last is now the last one, because a caller that connects again was not served
 * there. Rejects with `ConnectFailed` if no server can be reached.
 */
export function linkToOneOf(
  listed: readonly Address[],
  tls: LinkTls | null,
  resolve: Resolve = resolveBySystem,
): () => Promise<ByteChannel> {
  let last: string | null = null;
  return async () => {
    const { found, failures } = await resolveAll(listed, resolve);
    const withinMs = found.length > 1 ? connectOneOfManyMs : connectMs;
    for (const { host, port, name } of startingAfter(found, last)) {
      last = keyOf({ host, port });
      try {
        const named = tls && { ...tls, name: tls.name ?? (isIP(name) ? null : name) };
        return await connectLink({ host, port }, named, withinMs);
      } catch (error) {
        if (!(error instanceof ConnectFailed)) throw error;
        failures.push(error.message);
      }
    }
    throw new ConnectFailed(failures.join("; "));
  };
}

/**
 * An address of a listed host. `name` is the host name in the list, and the certificate of the server has
 * this name.
 */
type Found = Address & { readonly name: string };

const keyOf = ({ host, port }: Address): string => `${host}:${port}`;

async function resolveAll(listed: readonly Address[], resolve: Resolve) {
  const failures: string[] = [];
  const found = new Map<string, Found>();
  for (const { host: name, port } of listed) {
    const hosts = await resolve(name).catch((error: NodeJS.ErrnoException) => {
      failures.push(`${name}: ${error.code ?? error.message}`);
      return [];
    });
    for (const host of hosts) found.set(keyOf({ host, port }), { host, port, name });
  }
  return { found: [...found.values()], failures };
}

/** Returns all servers in order. The list begins after `last` if it contains `last`. */
function startingAfter(found: readonly Found[], last: string | null): readonly Found[] {
  const next = found.findIndex((each) => keyOf(each) === last) + 1;
  return [...found.slice(next), ...found.slice(0, next)];
}

export function listenForLinks(
  address: Address,
  {
    tls,
    log,
    bounds = defaultLinkBounds,
  }: { readonly tls: LinkTls | null; readonly log: Log; readonly bounds?: LinkBounds },
  accept: (channel: ByteChannel) => void,
): Promise<TcpListener> {
  return listenTcp(address, accept, {
    handshakeMs: bounds.linkHandshakeMs,
    handshakesMax: bounds.linkNewcomersMax,
    handshakesPerAddressMax: bounds.linkNewcomersPerAddressMax,
    ...(tls === null ? {} : { tls: { source: tls.files, clientsMustShow: true } }),
    refused: ({ remote, why }) => log.warn({ remote, why }, "no link: the TLS handshake failed"),
  });
}
