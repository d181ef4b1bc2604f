export { type ConnectWebSocketOptions, connectWebSocket } from "./connect-websocket.ts";
export { forwardedFor } from "./forwarded-for.ts";
export { type Origins, originCheck } from "./origins.ts";
export { messageBytesMax } from "./websocket-channel.ts";
export { listenWebSocket, type WebSocketListenOptions } from "./websocket-listener.ts";
