export { defaultGameRules, type GameRules } from "./game-rules.ts";
export * from "./map-server.ts";
export * from "./settings.ts";
