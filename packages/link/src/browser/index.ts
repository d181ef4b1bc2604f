export { type BrowserSocket, connectBrowserSocket } from "./browser-channel.ts";
