import { connectBrowserSocket } from "@sallyport/link/browser";
import { type Transport, webSocketTransport } from "../transport.ts";

export * from "../index.ts";

/**
 * Connects to a login-server like `wss://play.example.org:7102` with the browser's own WebSocket. Throws
 * `AddressInvalid`.
 */
export const transportTo = (url: string): Transport =>
  webSocketTransport(url, (to, withinMs) => connectBrowserSocket(to, withinMs));
