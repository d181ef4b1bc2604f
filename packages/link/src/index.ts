export * from "./allowance.ts";
export * from "./channel.ts";
export { addressOf } from "./client-address.ts";
export * from "./clock.ts";
export * from "./link.ts";
export * from "./memory-channel.ts";
export * from "./newcomers.ts";
export * from "./outlet.ts";
export * from "./peer.ts";
