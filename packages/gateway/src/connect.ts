import type { ByteChannel } from "@sallyport/link";
import { connectTcp, connectTls } from "@sallyport/link/tcp";
import type { Route } from "./route.ts";

export interface ConnectOptions {
  /** The time for connecting, TLS included. */
  readonly withinMs: number;
  /**
   * The authorities that may have signed the certificates of servers, as PEM, at this moment; null: those
   * that the system trusts.
   */
  readonly ca: () => string | null;
  /** The name in the servers' certificates; null: the host of the address. */
  readonly name: string | null;
}

/** Rejects with `ConnectFailed`. The server gets `preface` first, before TLS. */
export type Connect = (
  door: Pick<Route, "host" | "port" | "isSecure">,
  preface: Uint8Array | null,
) => Promise<ByteChannel>;

/** Connects to the inner door of a server, with or without TLS as the server announced it. */
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
