export * from "./allowance.ts";
export * from "./channel.ts";
export * from "./link.ts";
export * from "./memory-channel.ts";
export * from "./outlet.ts";
export * from "./peer.ts";
