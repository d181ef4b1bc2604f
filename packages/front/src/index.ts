export { type Asked, type Characters, type Done, type NotDone } from "./asked.ts";
export { Front, type FrontOptions } from "./front.ts";
export { type Address, type Inward, type InwardByTcp, inwardByTcp } from "./inward.ts";
export * from "./protocol.ts";
export { dialectOf, type FrontDoor } from "./protocol-dialect.ts";
export { type ChatOptions, chatKeys, chatProtocol } from "./protocols/chat/index.ts";
export { protocolFolders } from "./protocols/index.ts";
export { lineProtocol } from "./protocols/line/index.ts";
export { type SlimeOptions, slimeProtocol } from "./protocols/slime/index.ts";
export { Rooms } from "./protocols/slime/rooms.ts";
export {
  frontTierSettings,
  inwardSettings,
  type LoginAt,
  type ProtocolFolder,
  type ReadProtocol,
} from "./settings.ts";
