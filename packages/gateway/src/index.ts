export { type Connect, connectBy } from "./connect.ts";
export * from "./gateway.ts";
export { type Peek, peekAt, peekNative, peekRagnarok } from "./peek.ts";
export { gatewaySettings } from "./settings.ts";
