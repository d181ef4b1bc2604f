export * from "./character.ts";
export * from "./chat-text.ts";
export * from "./door.ts";
export * from "./doors.ts";
export * from "./ids.ts";
export * from "./map-name.ts";
export * from "./outcome.ts";
