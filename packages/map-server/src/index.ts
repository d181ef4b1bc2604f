export { defaultGameRules, type GameRules } from "./game-rules.ts";
export { chooseMaps, listNames, loadMaps, MapsInvalid } from "./map-catalog.ts";
export * from "./map-server.ts";
export * from "./settings.ts";
