export * from "./char-server.ts";
export type { MapServerStatus } from "./map-hosting.ts";
export * from "./settings.ts";
