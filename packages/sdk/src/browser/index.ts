import { connectBrowserSocket } from "@sallyport/link/browser";
import { type Transport, webSocketTransport } from "../transport.ts";

export * from "../index.ts";

/**
 * Reaches the servers with the browser's own WebSocket. `url` is the address of a login-server, like
 * `wss://play.example.org:7102`. Throws `AddressInvalid`.
 */
export const transportTo = (url: string): Transport =>
  webSocketTransport(url, (to, withinMs) => connectBrowserSocket(to, withinMs));
