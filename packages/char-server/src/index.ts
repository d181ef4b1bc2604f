export type { AccountOperations } from "./account-operations.ts";
export * from "./char-server.ts";
export type { CharacterChanges } from "./character-changes.ts";
export type { WorldRules } from "./client-visit.ts";
export type { MapServerStatus } from "./map-hosting.ts";
export type { PlayerOrders } from "./player-orders.ts";
export * from "./settings.ts";
