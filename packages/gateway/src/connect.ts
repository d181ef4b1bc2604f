import type { ByteChannel } from "@sallyport/link";
import { connectTcp, connectTls } from "@sallyport/link/tcp";
import type { Route } from "./route.ts";

export interface ConnectOptions {
  /** Maximum time for connecting, including the TLS handshake. */
  readonly withinMs: number;
  /**
   * Returns the authorities for the servers' certificates, as PEM. If null, the authorities that the system
   * trusts are used.
   */
  readonly ca: () => string | null;
  /** The name that the servers' certificates must have. If null, they must have the host of the address. */
  readonly name: string | null;
}

/** The server gets `preface` first, before the TLS handshake. Rejects with `ConnectFailed`. */
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
    const channel = await connectTcp(door, withinMs);
    if (preface !== null) channel.send(preface);
    return channel;
  };
