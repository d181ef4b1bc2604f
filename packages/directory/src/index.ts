export type { Presence, ServerKind, ServerStatus } from "@sallyport/cluster-protocol";
export * from "./directory.ts";
export * from "./memory-directory.ts";
export * from "./publisher.ts";
export * from "./redis-directory.ts";
