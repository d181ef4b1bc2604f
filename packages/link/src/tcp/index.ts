export * from "./tcp-channel.ts";
export * from "./tcp-listener.ts";
