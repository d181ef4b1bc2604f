export { ByteStream, type Place } from "./byte-stream.ts";
export { ChatClient, newKeys, plainFrame } from "./chat/chat-client.ts";
export { LineClient } from "./line/line-client.ts";
