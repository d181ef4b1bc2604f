export type { ClientOptions, Manner } from "./client/client-options.ts";
export { InVain } from "./client/journal.ts";
export { RagnarokClient } from "./client/ragnarok-client.ts";
export { walkTo } from "./client/walk-to.ts";
export type { LoadReport } from "./load/report.ts";
export { runLoad } from "./load/run-load.ts";
export * as clientPackets from "./wire/client-packets.ts";
export { profiles } from "./wire/profile.ts";
export type { PacketOf, ServerPacket } from "./wire/server-packets.ts";
