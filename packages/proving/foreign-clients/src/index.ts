export { ASeriesClient, requestBytes, type Verified } from "./a-series/a-series-client.ts";
export { ByteStream, type Place } from "./byte-stream.ts";
export { ChatClient, newKeys, plainFrame } from "./chat/chat-client.ts";
export { jsonFrame } from "./json-frames.ts";
export { LineClient } from "./line/line-client.ts";
export { ResourceClient, type ResourceReply } from "./resource/resource-client.ts";
export { rc4 } from "./slime/rc4.ts";
export {
  readPlayer,
  type SlimeAccount,
  SlimeClient,
  type SlimePlayer,
  slimeFrame,
  slimeIds,
  str,
  u8,
  u16,
} from "./slime/slime-client.ts";
export { openSigned, type Signed } from "./token/signed.ts";
export { type TokenAnswer, TokenClient } from "./token/token-client.ts";
