import type { ByteChannel } from "@sallyport/link";
import { type Address, connectTcp, connectTls, listenTcp, type TcpListener } from "@sallyport/link/tcp";
import { defaultLinkBounds, type LinkBounds } from "./link-bounds.ts";
import type { Log } from "./log.ts";
import type { LinkTls } from "./tls-settings.ts";

const connectMs = 5_000;

/** Connects to the next tier. With TLS each end shows a certificate of the same authority. */
export async function connectLink(address: Address, tls: LinkTls | null): Promise<ByteChannel> {
  if (tls === null) return connectTcp(address, connectMs);
  const { current } = tls.files;
  return connectTls(address, connectMs, {
    identity: current,
    ...(current.ca === undefined ? {} : { ca: current.ca }),
    ...(tls.name === null ? {} : { name: tls.name }),
  });
}

/** Listens for servers of the next tier. */
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
    refused: (remote, why) => log.warn({ remote, why }, "no link: the TLS handshake failed"),
  });
}
