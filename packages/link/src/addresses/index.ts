export { addressOf } from "./client-address.ts";
export { asIpv6, hostAndPort, hostOf, ipAddress } from "./ip-address.ts";
export { ipNetwork, isInNetwork, nearestOf } from "./ip-network.ts";
export * from "./newcomers.ts";
export * from "./proxy-header.ts";
