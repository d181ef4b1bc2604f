import type { ByteChannel } from "@sallyport/link";
import { connectTcp, connectTls } from "@sallyport/link/tcp";
import type { Route } from "./route.ts";

export interface ConnectOptions {
  /** For TLS, too. */
  readonly withinMs: number;
  /** Who may have signed the certificates of servers, as PEM, at this moment; null: whom the system trusts. */
  readonly ca: () => string | null;
  /** In their certificates; null: the host that is connected to. */
  readonly name: string | null;
}

/** Rejects with `ConnectFailed`. `preface` is the first that the server hears, before TLS. */
export type Connect = (
  door: Pick<Route, "host" | "port" | "isSecure">,
  preface: Uint8Array | null,
) => Promise<ByteChannel>;

/** To a server's inner door, as it told that it is spoken to there. */
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
