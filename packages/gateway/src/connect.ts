import type { ByteChannel } from "@sallyport/link";
import { connectTcp, connectTls } from "@sallyport/link/tcp";
import type { Route } from "./route.ts";

export interface ConnectOptions {
  /** Maximum time in milliseconds to connect, including the TLS handshake. */
  readonly withinMs: number;
  /**
   * Returns the certificates (PEM) of the authorities that the gateway trusts. If the result is null, the
   * gateway trusts the authorities of the system.
   */
  readonly ca: () => string | null;
  /**
   * The certificates of the servers must have this name. If the name is null, a certificate must have the
   * host of the address.
   */
  readonly name: string | null;
}

/**
 * Connects to a server. The server gets `preface` first, before the TLS handshake. Rejects with
 * `ConnectFailed`.
 */
export type Connect = (
  door: Pick<Route, "host" | "port" | "isSecure">,
  preface: Uint8Array | null,
) => Promise<ByteChannel>;

export const connectBy =
  ({ withinMs, ca, name }: ConnectOptions): Connect =>
  async (door, preface) => {
    if (door.isSecure) {
      const authority = ca();
      return connectTls(door, withinMs, {
        ...(preface === null ? {} : { preface }),
        ...(authority === null ? {} : { ca: authority }),
        ...(name === null ? {} : { name }),
      });
    }
    return connectTcp(door, withinMs, preface === null ? {} : { preface });
  };
