import { WebSocket } from "ws";
import type { ByteChannel } from "../channel.ts";
import { ConnectFailed } from "../tcp/tcp-channel.ts";
import { describeTlsError } from "../tcp/tls.ts";
import { libraryBounds } from "./library-bounds.ts";
import { webSocketChannel } from "./websocket-channel.ts";

export interface ConnectWebSocketOptions {
  /** The authorities to trust. They replace the authorities of the system. */
  readonly ca?: string;
}

/**
 * Connects to a URL that begins with ws:// or wss://. Rejects with `ConnectFailed`, which contains the URL.
 */
export function connectWebSocket(
  url: string,
  timeoutMs: number,
  { ca }: ConnectWebSocketOptions = {},
): Promise<ByteChannel> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, {
      ...libraryBounds,
      minVersion: "TLSv1.2",
      ...(ca === undefined ? {} : { ca }),
    });
    const fail = (why: string): void => {
      clearTimeout(timer);
      // If a connection ends too early, the socket emits an error event.
      socket.on("error", () => {});
      socket.terminate();
      reject(new ConnectFailed(`${url}: ${why}`));
    };
    const timer = setTimeout(() => fail(`no answer within ${timeoutMs} ms`), timeoutMs);
    const refused = (error: Error): void => fail(describeTlsError(error));
    socket.once("error", refused);
    socket.once("open", () => {
      clearTimeout(timer);
      socket.off("error", refused);
      resolve(webSocketChannel(socket, { remote: new URL(url).host, isSecure: url.startsWith("wss:") }));
    });
  });
}
