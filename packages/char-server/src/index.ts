export * from "./char-server.ts";
export * from "./settings.ts";
