import type { Way as AnyWay } from "@sallyport/rig";

/** Servers send all clients on to the gateway. Clients on the direct way bypass the gateway. */
export const wayNames = ["direct", "gateway"] as const;
export type WayName = (typeof wayNames)[number];
export type Way = AnyWay<WayName>;
