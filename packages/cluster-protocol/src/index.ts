export * from "./attributes.ts";
export * from "./handshake.ts";
export * from "./messages.ts";
export * from "./presence.ts";
export * from "./proof.ts";
export { packScore, parseScore } from "./score-messages.ts";
export * from "./told.ts";
export * from "./world-value.ts";
