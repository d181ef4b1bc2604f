export * from "./gateway.ts";
export { peekAt, peekNative, peekRagnarok } from "./peek.ts";
export { gatewaySettings } from "./settings.ts";
